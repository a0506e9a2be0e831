namespace Quilt.Bench.Processes;

/// <summary>Processes of a run that was interrupted: those in its control groups, and those whose command line has its folders.</summary>
internal static class Leftovers
{
    private const int Kill = 9;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10), Glance = TimeSpan.FromMilliseconds(20);

    /// <summary>Kills them until there are none.</summary>
    /// <param name="run">The run's name, which nothing else has.</param>
    public static void End(string run)
    {
        DateTimeOffset end = TimeProvider.System.GetUtcNow() + Patience;
        using ManualResetEventSlim never = new();
        while (Of(run) is { Count: > 0 } left && TimeProvider.System.GetUtcNow() < end)
        {
            foreach (int pid in left)
            {
                _ = LibC.kill(pid, Kill);
            }

            never.Wait(Glance);
        }
    }

    private static HashSet<int> Of(string run) =>
    [
        .. ProcessTable.MarkedBy(p => p.CommandLine.Contains($"/{run}/", StringComparison.Ordinal) || p.CommandLine.Contains($"/{run}{Peers.Workspace.VolatileSuffix}/", StringComparison.Ordinal)).Select(p => p.Pid),
        .. Cgroups.ProcessesIn(run),
    ];
}
