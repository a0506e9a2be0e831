using Quilt.Core;

namespace Quilt.Aria;

/// <summary>The memory of a container's processes, which no snapshot has: who asks for it is told, rather than given less.</summary>
internal static class ProcessMemory
{
    internal const string Description = "The memory of its processes too. Quilt cannot do that: true is refused (unimplemented).";

    /// <exception cref="QuiltException">Unimplemented.</exception>
    internal static void Refuse(bool asked)
    {
        if (asked)
        {
            throw new QuiltException(
                ErrorCode.Unimplemented, "the memory of processes is not kept: Quilt takes no checkpoints of them",
                "leave memory out: files are kept, and the command begins anew; have it save what it needs before ('quilt doctor' tells of this host's CRIU)", "memory");
        }
    }
}
