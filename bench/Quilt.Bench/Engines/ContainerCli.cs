using Quilt.Bench.Processes;

namespace Quilt.Bench.Engines;

/// <summary>A command line with docker's verbs: docker's own, and podman's.</summary>
/// <param name="global">Options before the verb.</param>
/// <param name="creation">Options of <c>run</c>, such as those for no network.</param>
/// <param name="removal">Options that make <c>rm</c> kill at once.</param>
internal sealed class ContainerCli(
    string side, Command command, IReadOnlyList<string> global, IReadOnlyList<string> creation, IReadOnlyList<string> removal, string image) : IContainerEngine
{
    public string Side => side;

    public bool IsApi => false;

    public Task StartAsync(string name, CancellationToken cancel)
    {
        command.Run([.. global, "run", "--detach", "--name", name, .. creation, image, .. Workload.Idle]);
        return Task.CompletedTask;
    }

    public Task ExecTrueAsync(string name, CancellationToken cancel)
    {
        command.Run([.. global, "exec", name, .. Workload.True]);
        return Task.CompletedTask;
    }

    public Task RemoveAsync(string name, CancellationToken cancel)
    {
        command.Run([.. global, "rm", .. removal, name]);
        return Task.CompletedTask;
    }

    /// <summary>The whole of <c>run --rm IMAGE true</c>.</summary>
    /// <returns>Milliseconds.</returns>
    public double RunTrue() => command.Run([.. global, "run", "--rm", .. creation, image, .. Workload.True]);
}
