using Quilt.Bench.Processes;

namespace Quilt.Bench.Engines;

/// <summary>containerd by the command line that comes with it. Its containers run on the folder itself, without a snapshot of it.</summary>
/// <param name="global">Options before the verb.</param>
/// <param name="creation">Options of <c>run</c>.</param>
internal sealed class ContainerdCli(Command command, IReadOnlyList<string> global, IReadOnlyList<string> creation, string rootfs) : IContainerEngine
{
    private int _runs;

    public string Side => "containerd (ctr)";

    public bool IsApi => false;

    public Task StartAsync(string name, CancellationToken cancel)
    {
        command.Run([.. global, "run", "--detach", .. creation, "--rootfs", rootfs, name, .. Workload.Idle]);
        return Task.CompletedTask;
    }

    public Task ExecTrueAsync(string name, CancellationToken cancel)
    {
        command.Run([.. global, "task", "exec", "--exec-id", NextRun(), name, .. Workload.True]);
        return Task.CompletedTask;
    }

    public Task RemoveAsync(string name, CancellationToken cancel)
    {
        command.Run([.. global, "task", "rm", "--force", name]);
        command.Run([.. global, "container", "rm", name]);
        return Task.CompletedTask;
    }

    /// <summary>The whole of a container that runs <c>true</c>.</summary>
    /// <returns>Milliseconds.</returns>
    public double RunTrue() => command.Run([.. global, "run", "--rm", .. creation, "--rootfs", rootfs, NextRun(), .. Workload.True]);

    private string NextRun() => $"true-{++_runs}";
}
