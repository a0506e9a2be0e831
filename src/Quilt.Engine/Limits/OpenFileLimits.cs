using Quilt.Linux;

namespace Quilt.Engine;

/// <summary>How many files the processes of a running container may have open (RLIMIT_NOFILE of getrlimit(2)).</summary>
internal static class OpenFileLimits
{
    internal const string Name = "RLIMIT_NOFILE";
    private const int MostPasses = 100;
    private static readonly int Number = ResourceLimits.NumberOf(Name);

    /// <summary>Changes it for every process, and for those that they fork meanwhile.</summary>
    /// <returns>Takes it back.</returns>
    /// <exception cref="SyscallException">EPERM: more than a process has, without CAP_SYS_RESOURCE, or than fs.nr_open allows any. All is as it was.</exception>
    internal static Action Change(ICgroup group, ulong soft, ulong hard)
    {
        Dictionary<int, (ulong Soft, ulong Hard)> before = [];
        void Undo()
        {
            foreach ((int pid, (ulong oldSoft, ulong oldHard)) in before)
            {
                IfAlive(() => Sys.SetResourceLimit(pid, Number, oldSoft, oldHard), Errno.EPERM);
            }
        }

        try
        {
            // A child has its parent's: once a pass finds none that is new, there can be none without it.
            for (int pass = 0; pass < MostPasses && group.Processes().Where(p => !before.ContainsKey(p)).ToArray() is { Length: > 0 } found; pass++)
            {
                foreach (int pid in found)
                {
                    IfAlive(() =>
                    {
                        before[pid] = Sys.GetResourceLimit(Number, pid);
                        Sys.SetResourceLimit(pid, Number, soft, hard);
                    });
                }
            }

            return Undo;
        }
        catch
        {
            Undo();
            throw;
        }
    }

    /// <summary>The most that one of the processes has open.</summary>
    internal static int MostOpen(ICgroup group) => group.Processes().Select(Open).DefaultIfEmpty().Max();

    private static int Open(int pid)
    {
        try
        {
            return Directory.EnumerateFileSystemEntries($"/proc/{pid}/fd").Count();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return 0; // it has ended
        }
    }

    /// <param name="also">Not minded either: without CAP_SYS_RESOURCE nobody gives back what was taken.</param>
    private static void IfAlive(Action change, Errno also = Errno.ESRCH)
    {
        try
        {
            change();
        }
        catch (SyscallException e) when (e.Errno == Errno.ESRCH || e.Errno == also)
        {
        }
    }
}
