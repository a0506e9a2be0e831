using Quilt.Linux;

namespace Quilt.Cognition.Program;

/// <summary>Gives up root. What has to be read as root is read before.</summary>
internal static class Rights
{
    /// <summary>The user and group that own nothing (nobody).</summary>
    public const uint Nobody = 65_534;

    public static bool IsRoot => Sys.UserId == 0;

    public static void Drop()
    {
        Sys.ProcessControl(ProcessControlOption.SetNoNewPrivileges, 1);
        if (IsRoot)
        {
            OwnProgram.PrepareForDrop();
            Sys.BecomeUser(Nobody, Nobody);
        }

        // Nobody else of the same user looks into our memory, where the keys are.
        Sys.ProcessControl(ProcessControlOption.SetDumpable, 0);
    }
}
