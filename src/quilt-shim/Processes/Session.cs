using Quilt.Linux;

namespace Quilt.Shim;

/// <summary>What a process that leads a session has started in it (setsid(2)), also where that has process groups of its own, as a shell's jobs have.</summary>
internal static class Session
{
    // Each look finds what was forked during the one before. Whoever forks on faster than that is bounded by the container's limits.
    private const int MostLooks = 16;

    /// <param name="leader">Not yet reaped.</param>
    internal static void Kill(int leader, ICgroup cgroup)
    {
        Sys.Kill(-leader, Signals.Kill); // most of it, whatever can be looked up
        try
        {
            HashSet<int> killed = [];
            for (int look = 0, before = -1; look < MostLooks && killed.Count > before; look++)
            {
                before = killed.Count;
                killed.UnionWith(cgroup.Processes().Where(p => !killed.Contains(p) && TryKill(p, leader)));
            }
        }
        catch (Exception e) when (e is SyscallException or IOException)
        {
            // Such as without descriptors: what is left of it goes with the container.
        }
    }

    /// <returns>False where it is of another session, or has ended.</returns>
    private static bool TryKill(int pid, int leader)
    {
        try
        {
            using FileDescriptor process = Sys.PidFdOpen(pid); // first: what is looked at is what is killed
            return ProcessStat.TryRead(pid)?.Session == leader && Sys.PidFdSendSignal(process, Signals.Kill);
        }
        catch (SyscallException e) when (e.Errno == Errno.ESRCH)
        {
            return false;
        }
    }
}
