using Quilt.Linux;

namespace Quilt.Cognition.Program;

/// <summary>
/// What the process that reads a document can do: compute, for a while, and answer. Its parent has put it into a network of its own and
/// bounded its heap before it began; the rest it does itself, before it reads a byte.
/// </summary>
internal static class WorkerConfinement
{
    /// <summary>The runtime holds two descriptors for every assembly of the program that it has loaded.</summary>
    private const ulong OpenFiles = 512;

    /// <exception cref="SyscallException">A part cannot be done: then no document is read.</exception>
    public static void Enter(ulong cpuSeconds)
    {
        Limit("RLIMIT_CORE", 0);
        Limit("RLIMIT_FSIZE", 0);
        Limit("RLIMIT_NOFILE", OpenFiles);
        Limit("RLIMIT_CPU", cpuSeconds);
        Rights.Drop();
        Sys.FilterSystemCalls(WorkerFilter.Compile());

        // After the change of user, which takes it back: what our parent's end means for us.
        Sys.ProcessControl(ProcessControlOption.SetParentDeathSignal, Signals.Kill);
    }

    private static void Limit(string name, ulong value) => Sys.SetResourceLimit(0, ResourceLimits.NumberOf(name), value, value);
}
