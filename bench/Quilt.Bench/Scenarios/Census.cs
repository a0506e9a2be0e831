using Quilt.Bench.Peers;
using Quilt.Bench.Processes;

namespace Quilt.Bench.Scenarios;

/// <summary>Everything of ours that could be left behind, counted.</summary>
internal sealed record Census(int Processes, int Mounts, int Cgroups, int Files, int Descriptors)
{
    // The daemon looks every 30 s whether anybody is in the fabric still, and takes it away then.
    private static readonly TimeSpan Glance = TimeSpan.FromMilliseconds(100), Patience = TimeSpan.FromSeconds(45);

    public static Census Of(QuiltPeer quilt)
    {
        IReadOnlyList<ProcessEntry> processes = ProcessTable.MarkedBy(quilt.Owns!);
        return new Census(
            processes.Count,
            Quilt.Bench.Processes.Mounts.Under(quilt.Folder).Count + Quilt.Bench.Processes.Mounts.Under(quilt.RunFolder).Count,
            Quilt.Bench.Processes.Cgroups.Named(quilt.CgroupParent).Count,
            CountFiles(quilt.Folder) + CountFiles(quilt.RunFolder),
            processes.Where(p => p.Pid == quilt.DaemonPid).Sum(p => CountDescriptors(p.Pid)));
    }

    /// <summary>Waits for what is cleared after the answer: nothing more than before is left, or the time is up.</summary>
    public static async Task<Census> SettledAsync(QuiltPeer quilt, Census before, CancellationToken cancel)
    {
        DateTimeOffset end = TimeProvider.System.GetUtcNow() + Patience;
        Census now = Of(quilt);
        while (now.LeftSince(before) > 0 && TimeProvider.System.GetUtcNow() < end)
        {
            await Task.Delay(Glance, cancel);
            now = Of(quilt);
        }

        return now;
    }

    /// <summary>How many objects more there are, of all kinds.</summary>
    public int LeftSince(Census before) =>
        Math.Max(0, Processes - before.Processes) + Math.Max(0, Mounts - before.Mounts) + Math.Max(0, Cgroups - before.Cgroups)
        + Math.Max(0, Files - before.Files) + Math.Max(0, Descriptors - before.Descriptors);

    private static int CountFiles(string folder) =>
        Directory.Exists(folder) ? Directory.EnumerateFileSystemEntries(folder, "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint }).Count() : 0;

    private static int CountDescriptors(int pid) => Directory.EnumerateFileSystemEntries($"/proc/{pid}/fd").Count();
}
