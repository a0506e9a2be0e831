using System.Text.Json;
using Quilt.Core;
using static Quilt.Client.Tests.Api;

namespace Quilt.Client.Tests;

public sealed class ContainerTests(ClientFixture fixture)
{
    private readonly QuiltClient _client = fixture.Client;

    [Fact]
    public async Task A_container_is_prepared_started_stopped_and_removed()
    {
        await using QuiltContainer container = await _client.CreateContainerAsync(Shell("trap 'exit 7' TERM; echo ready; while :; do sleep 0.05; done"), Cancellation);
        Assert.Equal(ContainerState.Created, container.Info.State);
        await container.StartAsync(Cancellation);
        Assert.Equal(ContainerState.Running, container.Info.State);
        Assert.NotNull(container.Info.ProcessId);
        await container.WaitForLogAsync("ready", TimeSpan.FromSeconds(60), Cancellation);
        Assert.False(await container.StopAsync(TimeSpan.FromSeconds(20), cancellationToken: Cancellation));
        Assert.Equal((ContainerState.Exited, 7, null), (container.Info.State, container.Info.ExitCode, container.Info.ExitSignal));
        await container.RemoveAsync(force: false, Cancellation);
        QuiltException e = await Assert.ThrowsAsync<QuiltException>(() => _client.GetContainerAsync(container.Id, Cancellation));
        Assert.Equal(ErrorCode.NotFound, e.Code);
        Assert.NotNull(e.Remedy);
    }

    [Fact]
    public async Task A_container_is_forked_kept_and_restored()
    {
        await using QuiltContainer container = await _client.Idle();
        await container.ExecAsync(["sh", "-c", "echo one > /state"], cancellationToken: Cancellation);
        SnapshotInfo snapshot = await container.SnapshotAsync("client-kept", Cancellation);
        Assert.Equal(("client-kept", container.Id, null), (snapshot.Name, snapshot.Container, snapshot.Parent));
        IReadOnlyList<QuiltContainer> forks = await container.ForkAsync(new ForkOptions { Count = 2, Name = "client-fork" }, Cancellation);
        Assert.Equal(["client-fork-1", "client-fork-2"], forks.Select(f => f.Name));
        await container.ExecAsync(["sh", "-c", "echo two > /state"], cancellationToken: Cancellation);
        foreach (QuiltContainer fork in forks)
        {
            await using (fork)
            {
                Assert.Equal("one\n", (await fork.ExecAsync(["cat", "/state"], cancellationToken: Cancellation)).Stdout);
            }
        }

        QuiltException running = await Assert.ThrowsAsync<QuiltException>(() => container.RestoreAsync("client-kept", cancellationToken: Cancellation));
        Assert.Equal(ErrorCode.FailedPrecondition, running.Code);
        await container.RestoreAsync("client-kept", force: true, Cancellation);
        Assert.Equal("one\n", (await container.ExecAsync(["cat", "/state"], cancellationToken: Cancellation)).Stdout);
        await _client.CallToolAsync("removeSnapshot", JsonSerializer.SerializeToElement(new { snapshot = "client-kept" }), cancellationToken: Cancellation);
    }

    [Fact]
    public async Task Disposal_removes_what_runs_and_leaves_what_it_shall_leave()
    {
        string gone, kept;
        await using (QuiltContainer container = await _client.Idle())
        {
            gone = container.Id;
        }

        await using (QuiltContainer container = await _client.RunContainerAsync(new ContainerOptions { RemoveOnDispose = false }, Cancellation))
        {
            kept = container.Id;
        }

        List<ContainerInfo> all = await All(_client.ListContainersAsync(cancellationToken: Cancellation));
        Assert.DoesNotContain(all, c => c.Id == gone);
        await using (QuiltContainer found = await _client.GetContainerAsync(kept, Cancellation))
        {
            Assert.False(found.RemovesOnDispose);
        }

        QuiltContainer still = await _client.GetContainerAsync(kept, Cancellation);
        Assert.Equal(ContainerState.Running, still.Info.State);
        await still.RemoveAsync(cancellationToken: Cancellation);
    }

    [Fact]
    public async Task Disposal_of_one_that_is_gone_is_quiet()
    {
        await using QuiltContainer container = await _client.Idle();
        QuiltContainer other = await _client.GetContainerAsync(container.Name, Cancellation);
        await other.RemoveAsync(cancellationToken: Cancellation);
    }

    [Fact]
    public async Task Every_option_reaches_the_container()
    {
        JsonElement begun = await _client.CallToolAsync<JsonElement>("beginTask", new { name = $"t-{Guid.NewGuid():N}" }, cancellationToken: Cancellation);
        string task = begun.GetProperty("task").GetProperty("id").GetString()!;
        ContainerOptions options = new()
        {
            Name = $"c-{Guid.NewGuid():N}", Command = ["sh", "-c", "echo $A; pwd; id -u; id -g; hostname; touch /x; df /t | tail -n 1; sleep 1000"],
            Environment = new Dictionary<string, string> { ["A"] = "b" }, WorkingDirectory = "/tmp", User = "5:6", Hostname = "named",
            Labels = new Dictionary<string, string> { ["k"] = "v" }, Strategy = ContainerStrategy.Task, Task = task, StopOrder = 3, TimeToLive = TimeSpan.FromHours(1), MemoryBytes = 64 << 20, Cpus = 0.5, Pids = 33,
            ReadOnlyRootFilesystem = true, Tmpfs = new Dictionary<string, long> { ["/t"] = 1 << 20 }, DropCapabilities = ["ALL"], StopSignal = "KILL", StopTimeout = TimeSpan.FromSeconds(1),
        };
        await using QuiltContainer container = await _client.RunContainerAsync(options, Cancellation);
        await container.WaitForLogAsync("/t$", TimeSpan.FromSeconds(20), Cancellation);
        List<LogEntry> lines = await All(container.GetLogsAsync(cancellationToken: Cancellation));
        Assert.Equal(["b", "/tmp", "5", "6", "named"], lines.Where(l => l.Stream == "stdout").Take(5).Select(l => l.Text));
        Assert.Contains(lines, l => l.Stream == "stderr" && l.Text.Contains("Read-only", StringComparison.Ordinal));
        ContainerInfo info = await container.RefreshAsync(Cancellation);
        Assert.Equal((options.Name, ContainerStrategy.Task, 64L << 20, 0.5, 33L), (info.Name, info.Strategy, info.MemoryBytes, info.Cpus, info.Pids));
        Assert.Equal("v", info.Labels["k"]);
        Assert.NotNull(info.ExpiresAt);
        ContainerInfo listed = Assert.Single(await All(_client.ListContainersAsync(
            new ContainerQuery { Labels = new Dictionary<string, string> { ["k"] = "v" }, States = [ContainerState.Running], Name = options.Name, Strategy = ContainerStrategy.Task }, Cancellation)));
        Assert.Equal(container.Id, listed.Id);
    }

    [Fact]
    public async Task One_that_ends_by_itself_is_waited_for_and_started_again()
    {
        await using QuiltContainer container = await _client.RunContainerAsync(Shell("exit 3"), Cancellation);
        Assert.Equal(3, (await container.WaitForExitAsync(TimeSpan.FromSeconds(20), Cancellation)).ExitCode);
        await container.RestartAsync(cancellationToken: Cancellation);
        Assert.Equal(3, (await container.WaitForExitAsync(TimeSpan.FromSeconds(20), Cancellation)).ExitCode);
    }

    [Fact]
    public async Task It_is_held_let_go_and_killed()
    {
        await using QuiltContainer container = await _client.RunContainerAsync(Shell("sleep 1000"), Cancellation);
        await container.PauseAsync(Cancellation);
        Assert.Equal(ContainerState.Paused, container.Info.State);
        await container.UnpauseAsync(Cancellation);
        Assert.Equal(ContainerState.Running, container.Info.State);
        await container.KillAsync(cancellationToken: Cancellation);
        ContainerInfo end = await container.WaitForExitAsync(TimeSpan.FromSeconds(20), Cancellation);
        Assert.Equal((137, 9), (end.ExitCode, end.ExitSignal));
    }

    [Fact]
    public async Task A_wait_that_takes_too_long_says_so()
    {
        await using QuiltContainer container = await _client.Idle();
        QuiltException e = await Assert.ThrowsAsync<QuiltException>(() => container.WaitForExitAsync(TimeSpan.FromMilliseconds(50), Cancellation));
        Assert.Equal(ErrorCode.DeadlineExceeded, e.Code);
    }

    [Fact]
    public async Task What_it_uses_is_read_once_and_over_and_over()
    {
        await using QuiltContainer container = await _client.Idle();
        ContainerStats once = await container.GetStatsAsync(Cancellation);
        Assert.Equal((container.Id, container.Name), (once.Container, once.Name));
        Assert.True(once is { MemoryBytes: > 0, Pids: > 0 });
        int readings = 0;
        await foreach (IReadOnlyList<ContainerStats> reading in _client.WatchStatsAsync([container.Id], TimeSpan.FromMilliseconds(100), Cancellation))
        {
            Assert.Equal(container.Id, Assert.Single(reading).Container);
            if (++readings == 3)
            {
                break;
            }
        }

        Assert.Equal(3, readings);
    }

    [Fact]
    public async Task Its_life_is_told_in_events_and_they_go_on_from_a_cursor()
    {
        await using QuiltContainer container = await _client.RunContainerAsync(Shell("exit 0"), Cancellation);
        await container.WaitForExitAsync(TimeSpan.FromSeconds(20), Cancellation);
        List<QuiltEvent> events = await All(_client.GetEventsAsync(new EventQuery { Container = container.Id }, Cancellation));
        Assert.Equal(["container.created", "container.started", "container.exited"], events.Select(e => e.Type).Where(t => t is "container.created" or "container.started" or "container.exited"));
        await foreach (QuiltEvent next in _client.GetEventsAsync(new EventQuery { SinceCursor = events[^2].Cursor, Follow = true, Container = container.Id, Types = ["container.exited"] }, Cancellation))
        {
            Assert.Equal(events[^1].Cursor, next.Cursor);
            break;
        }
    }

    [Fact]
    public async Task Health_is_waited_for_and_where_it_cannot_come_that_fails_at_once()
    {
        HealthCheckOptions check = new() { Command = ["test", "-e", "/tmp/ok"], Interval = TimeSpan.FromMilliseconds(100), Timeout = TimeSpan.FromSeconds(10), Retries = 1000 };
        await using QuiltContainer container = await _client.RunContainerAsync(new ContainerOptions { HealthCheck = check }, Cancellation);
        await container.ExecAsync(["touch", "/tmp/ok"], cancellationToken: Cancellation);
        Assert.Equal(ContainerHealth.Healthy, (await container.WaitForHealthAsync(TimeSpan.FromSeconds(30), Cancellation)).Health);
        await using QuiltContainer none = await _client.RunContainerAsync(new ContainerOptions { HealthCheck = HealthCheckOptions.None }, Cancellation);
        Assert.Equal(ErrorCode.FailedPrecondition, (await Assert.ThrowsAsync<QuiltException>(() => none.WaitForHealthAsync(cancellationToken: Cancellation))).Code);
        Assert.Null(none.Info.Health);
    }
}
