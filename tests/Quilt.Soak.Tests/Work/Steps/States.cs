using Google.Protobuf.WellKnownTypes;
using Quilt.Api.V1;

namespace Quilt.Soak.Tests;

/// <summary>It stands still, and goes on.</summary>
internal sealed class PauseAndUnpause : Step
{
    internal override async Task RunAsync(Lifecycle life)
    {
        ContainerRequest request = new() { Container = life.Box.Id };
        Lifecycle.Same(ContainerState.Paused, (await life.Call((c, o) => c.PauseContainerAsync(request, o))).State, "the state of a paused container");
        Lifecycle.Same(ContainerState.Paused, (await life.Call((c, o) => c.GetContainerAsync(request, o))).State, "the state of a paused container");
        Lifecycle.Same(ContainerState.Running, (await life.Call((c, o) => c.UnpauseContainerAsync(request, o))).State, "the state of one that goes on");
    }
}

/// <summary>It ends as it was told to, and is started again with its files.</summary>
internal sealed class StopAndStart : Step
{
    internal override async Task RunAsync(Lifecycle life)
    {
        life.Box.Runs = null;
        life.Box.Execs.Clear(); // they end with it
        Container stopped = (await life.Call((c, o) => c.StopContainerAsync(new StopContainerRequest { Container = life.Box.Id }, o))).Container;
        Lifecycle.Same(ContainerState.Exited, stopped.State, "the state of a stopped container");
        life.Box.Runs = false;
        await life.StartAsync();
    }
}

/// <summary>In one call.</summary>
internal sealed class Restart : Step
{
    internal override int Weight => 5;

    internal override async Task RunAsync(Lifecycle life)
    {
        life.Box.Runs = null;
        life.Box.Execs.Clear();
        StartContainerResponse response = await life.Call((c, o) => c.RestartContainerAsync(new RestartContainerRequest { Container = life.Box.Id, Timeout = Duration.FromTimeSpan(TimeSpan.Zero) }, o));
        life.Started(response.Container);
    }
}

/// <summary>SIGKILL, by the call.</summary>
internal sealed class Kill : Step
{
    internal override int Weight => 5;

    internal override async Task RunAsync(Lifecycle life)
    {
        life.Box.Runs = null;
        life.Box.Execs.Clear();
        await life.Call((c, o) => c.KillContainerAsync(new KillContainerRequest { Container = life.Box.Id, Signal = "KILL" }, o));
        Container ended = (await life.Call((c, o) => c.WaitContainerAsync(new WaitContainerRequest { Container = life.Box.Id, Timeout = Duration.FromTimeSpan(TimeSpan.FromSeconds(60)) }, o))).Container;
        Lifecycle.Same((137, 9, ""), (ended.ExitCode, ended.ExitSignal, ended.ExitReason), "the exit of a killed container");
        (life.Box.Runs, life.Box.ExitCode) = (false, 137);
    }
}

/// <summary>Limits are changed while it runs, and are so afterwards.</summary>
internal sealed class Limits : Step
{
    internal override async Task RunAsync(Lifecycle life)
    {
        (int memory, int pids) = (life.Random.Next(70, 128), life.Random.Next(80, 200));
        await life.Tool("setResourceLimits", new { container = life.Box.Id, memory = $"{memory}MiB", pids });
        Container now = await life.Call((c, o) => c.GetContainerAsync(new ContainerRequest { Container = life.Box.Id }, o));
        Lifecycle.Same(((long)memory << 20, (long)pids), (now.Resources.MemoryBytes, now.Resources.Pids), "the limits");
    }
}

/// <summary>What is seen of it from outside.</summary>
internal sealed class Looks : Step
{
    internal override async Task RunAsync(Lifecycle life)
    {
        Lifecycle.Same("running", (await life.Tool("getContainerStatus", new { container = life.Box.Name })).GetProperty("container").GetProperty("state").GetString(), "the status");
        Lifecycle.Expect((await life.Tool("getResourceUsage", new { container = life.Box.Id })).GetProperty("running").GetBoolean(), "its usage says that it does not run");
        ListContainersResponse listed = await life.Call((c, o) => c.ListContainersAsync(new ListContainersRequest { Name = life.Box.Name }, o));
        Lifecycle.Expect(listed.Containers.Any(c => c.Id == life.Box.Id), "it is not in the list");
        await life.Tool("getSystemMetrics", new { });
    }
}

/// <summary>A line of the log is waited for, and the whole log read.</summary>
internal sealed class Logs : Step
{
    internal override async Task RunAsync(Lifecycle life)
    {
        if (life.Box.Lines == 0 || life.Trouble.Since(life.Box.StartedIn))
        {
            return;
        }

        WaitContainerRequest wait = new() { Container = life.Box.Id, Until = "log", Pattern = $"^{life.Box.Lines}$", Timeout = Duration.FromTimeSpan(TimeSpan.FromSeconds(60)) };
        await life.Call((c, o) => c.WaitContainerAsync(wait, o));
        string log = await Checks.LogAsync(life, life.Box.Id);
        Lifecycle.Expect(log.Contains(Checks.Numbers(life.Box.Lines), StringComparison.Ordinal), $"the log lacks lines; it has {log.Length} characters: ...{log[^Math.Min(60, log.Length)..]}");
    }
}
