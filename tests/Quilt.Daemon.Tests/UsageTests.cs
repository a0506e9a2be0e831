using System.Text.Json;
using Grpc.Core;
using Quilt.Api.V1;
using Quilt.Testing;
using Xunit;
using static Quilt.Daemon.Tests.TestContainers;

namespace Quilt.Daemon.Tests;

/// <summary>What containers use, what is told of it, and that none of them harms another.</summary>
public sealed class UsageTests(DaemonFixture fixture)
{
    private readonly QuiltService.QuiltServiceClient _client = fixture.Client;

    [Fact]
    public async Task Usage_tells_what_was_used_held_back_and_written()
    {
        ContainerSpec spec = new() { Resources = new Resources { MemoryBytes = 128 << 20, Cpus = 0.2, Pids = 20 } };
        Container container = await _client.Run(spec);
        Assert.Equal(0, (await _client.Exec(container.Id, "head -c 20971520 /dev/zero > /dev/shm/a; head -c 1048576 /dev/zero > /written; i=0; while [ $i -lt 60000 ]; do i=$((i+1)); done")).ExitCode);
        JsonElement used = await Usage(container);
        Assert.True(used.GetProperty("running").GetBoolean());
        Assert.True(used.GetProperty("memory").GetInt64() > 20 << 20);
        Assert.True(used.GetProperty("memoryPeak").GetInt64() >= used.GetProperty("memory").GetInt64());
        Assert.True(used.GetProperty("cpuMicros").GetInt64() > 0);
        Assert.True(used.GetProperty("throttledMicros").GetInt64() > 0);
        Assert.True(used.GetProperty("cpuPeriods").GetInt64() >= used.GetProperty("throttledPeriods").GetInt64());
        Assert.Equal(1 << 20, used.GetProperty("diskWritten").GetInt64());
        Assert.Equal(20, used.GetProperty("pidsLimit").GetInt64());
        await _client.Remove(container.Id);
    }

    [Fact]
    public async Task What_a_run_used_is_known_when_it_is_over_and_forgotten_with_the_next()
    {
        ContainerSpec spec = Shell("[ -e /again ] && exec sleep 1000; touch /again; head -c 20971520 /dev/zero > /dev/shm/a; i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done; exit 3");
        spec.Resources = new Resources { MemoryBytes = 128 << 20, Pids = 20 };
        Container container = await _client.Create(spec);
        Assert.Equal(0, (await Usage(container)).GetProperty("memoryPeak").GetInt64());
        await _client.StartContainerAsync(new StartContainerRequest { Container = container.Id }, cancellationToken: Cancellation);
        await _client.WaitExited(container.Id);
        JsonElement used = await Usage(container);
        Assert.False(used.GetProperty("running").GetBoolean());
        Assert.InRange(used.GetProperty("memoryPeak").GetInt64(), 20 << 20, 128 << 20);
        Assert.InRange(used.GetProperty("cpuMicros").GetInt64(), 1000, long.MaxValue);
        Assert.Equal((0, 0, 20), (used.GetProperty("memory").GetInt64(), used.GetProperty("pids").GetInt64(), used.GetProperty("pidsLimit").GetInt64()));
        await _client.StartContainerAsync(new StartContainerRequest { Container = container.Id }, cancellationToken: Cancellation);
        used = await Usage(container);
        Assert.True(used.GetProperty("running").GetBoolean());
        Assert.InRange(used.GetProperty("memoryPeak").GetInt64(), 1, 20 << 20);
        await _client.Remove(container.Id);
    }

    [Fact]
    public async Task What_went_over_the_network_is_known_of_runs_that_are_over_and_counts_for_their_agents()
    {
        const int bytes = 1 << 20;
        string above = await _client.Agent(), agent = await _client.Agent(by: above), other = await _client.Agent();
        string db = await Run("mkfifo /f; nc -l -p 7000 <>/f >/dev/null"), web = await Run("sleep 1000");
        string address = (await _client.Tool("establishConnection", new { from = web, to = db, port = 7000 }, agent)).GetProperty("connection").Text("address");
        await _client.Tool("execInContainer", new { container = web, command = new[] { "sh", "-c", $"until head -c {bytes} /dev/zero | nc {address} 7000; do sleep 0.02; done" } }, agent);
        await _client.WaitExited(db);
        JsonElement ended = await _client.Tool("getResourceUsage", new { container = db }, agent);
        Assert.False(ended.GetProperty("running").GetBoolean());
        Assert.InRange(ended.GetProperty("networkReceived").GetInt64(), bytes, long.MaxValue);
        await _client.Remove(db, force: false);
        await _client.Remove(web);
        foreach ((string of, long least, long most) in ((string, long, long)[])[(agent, bytes, long.MaxValue), (above, bytes, long.MaxValue), (other, 0, 0)])
        {
            JsonElement all = await _client.Tool("getResourceUsage", null, of);
            Assert.InRange(all.GetProperty("networkReceived").GetInt64(), least, most);
            Assert.InRange(all.GetProperty("networkSent").GetInt64(), least, most);
        }

        async Task<string> Run(string script) =>
            (await _client.Tool("createContainer", new { image = "quilt/busybox", command = new[] { "sh", "-c", script }, autoStart = true }, agent)).Id();
    }

    [Fact]
    public async Task A_window_tells_what_happened_in_it_and_is_refused_where_nobody_looked()
    {
        Container container = await _client.Run(Shell("while :; do :; done"));

        // A run that is younger than the window is known from its beginning.
        JsonElement young = (await Usage(container, "60s")).GetProperty("window");
        Assert.InRange(young.GetProperty("seconds").GetDouble(), 0, 60);
        Container other = await _client.Run();
        await Eventually(async () => await Task.FromResult(DateTimeOffset.UtcNow - other.StartedAt.ToDateTimeOffset() > TimeSpan.FromSeconds(1.2)));
        ErrorDetail error = await _client.ToolRefused("getResourceUsage", new { container = other.Id, window = 1 });
        Assert.Equal(("failed_precondition", "window"), (error.Code, error.Field));
        Assert.Contains("nobody has looked", error.Message, StringComparison.Ordinal);
        await Eventually(async () => await TryUsage(other, "1s") is not null);
        JsonElement window = (await Usage(container, "1s")).GetProperty("window");
        Assert.InRange(window.GetProperty("seconds").GetDouble(), 0.4, 10);
        Assert.True(window.GetProperty("cpus").GetDouble() > 0);
        Assert.True(window.GetProperty("memoryMost").GetInt64() >= window.GetProperty("memoryLeast").GetInt64());
        foreach (string bad in (string[])["0.1s", "1h"])
        {
            Assert.Equal(("invalid_argument", "window"), await CodeAndField(() => _client.ToolRefused("getResourceUsage", new { container = container.Id, window = bad })));
        }

        Assert.Equal(("invalid_argument", "window"), await CodeAndField(() => _client.ToolRefused("getResourceUsage", new { window = "10s" })));
        await _client.Remove(container.Id);
        await _client.Remove(other.Id);
        Container created = await _client.Create();
        Assert.Equal("failed_precondition", (await _client.ToolRefused("getResourceUsage", new { container = created.Id, window = "10s" })).Code);
        await _client.Remove(created.Id);
    }

    [Fact]
    public async Task The_readings_of_a_named_container_that_does_not_run_are_refused()
    {
        Container running = await _client.Run(), created = await _client.Create();
        GetStatsRequest both = new() { Containers = { running.Id, created.Id }, Follow = true };
        using AsyncServerStreamingCall<GetStatsResponse> refused = _client.GetStats(both, cancellationToken: Cancellation);
        ErrorDetail error = await Fails(() => refused.ResponseStream.MoveNext(Cancellation));
        Assert.Equal(("failed_precondition", "container"), (error.Code, error.Field));
        Assert.Contains($"the container '{created.Name}': it is created", error.Message, StringComparison.Ordinal);
        using AsyncServerStreamingCall<GetStatsResponse> all = _client.GetStats(new GetStatsRequest(), cancellationToken: Cancellation);
        Assert.True(await all.ResponseStream.MoveNext(Cancellation));
        Assert.Contains(all.ResponseStream.Current.Stats, s => s.Container == running.Id);
        await _client.Remove(running.Id);
        await _client.Remove(created.Id);
    }

    [Fact]
    public async Task Memory_that_fills_is_told_and_a_kill_in_a_container_that_lives_on_too()
    {
        Container container = await _client.Run(new ContainerSpec { Resources = new Resources { MemoryBytes = 64 << 20 } });
        Assert.Equal(0, (await _client.Exec(container.Id, "head -c 54525952 /dev/zero > /dev/shm/filled")).ExitCode);
        JsonElement filled = await Told(container, "memory", "80");
        Assert.Equal($"{64 << 20}", filled.Text("most"));
        Assert.Equal(137, (await _client.Exec(container.Id, "tail /dev/zero")).ExitCode);
        Assert.Equal("1", (await Told(container, "memory", "oom")).Text("times"));
        Assert.Equal(ContainerState.Running, (await _client.Get(container.Id)).State);
        await _client.Remove(container.Id);
    }

    [Fact]
    public async Task Processes_that_come_to_their_limit_are_told()
    {
        ContainerSpec spec = Shell("(while :; do sleep 1000 & done) 2>/dev/null; exec sleep 1000");
        spec.Resources = new Resources { Pids = 20 };
        Container container = await _client.Run(spec);
        Assert.InRange(int.Parse((await Told(container, "pids", "95")).Text("used")), 19, 20);
        Assert.NotEmpty((await Told(container, "pids", "100")).Text("times"));
        await _client.Remove(container.Id);
    }

    [Fact]
    public async Task A_run_that_is_over_before_anybody_looks_still_tells_that_it_came_to_its_limit()
    {
        ContainerSpec spec = Shell("(for i in 1 2 3 4 5 6 7 8 9 10; do sleep 1000 & done); true");
        spec.Resources = new Resources { Pids = 5 };
        Container container = await _client.Run(spec);
        await _client.WaitExited(container.Id);
        string[] events = [.. (await _client.Tool("getEvents", new { container = container.Id })).GetProperty("events").EnumerateArray().Select(e => e.Text("type"))];
        Assert.Equal(["container.limit_reached", "container.exited"], events[^2..]);
        await _client.Remove(container.Id);
    }

    [Fact]
    public async Task A_hog_a_fork_bomb_a_flooder_and_a_filler_of_its_disk_at_once_are_stopped_by_their_own_limits_and_a_neighbour_answers()
    {
        Container neighbour = await _client.Run();
        ContainerSpec hog = new() { Command = { "tail", "/dev/zero" }, Resources = new Resources { MemoryBytes = 64 << 20 } };

        // In a shell of its own: one that cannot fork ends, and here the container would end with it.
        ContainerSpec bomb = Shell("bomb() { bomb | bomb & }; (bomb) 2>/dev/null; exec sleep 1000");
        bomb.Resources = new Resources { Pids = 60 };
        ContainerSpec flooder = new() { Command = { "yes", "a line that nobody reads, again and again" } };
        ContainerSpec filler = Shell("cat /dev/zero > /full; while :; do cat /dev/zero > /filled; rm /filled; done 2>/dev/null");
        filler.Resources = new Resources { DiskBytes = 32 << 20 };
        Container[] offenders = [await _client.Run(bomb), await _client.Run(flooder), await _client.Run(hog), await _client.Run(filler)];
        for (int i = 0; i < 10; i++)
        {
            Assert.Equal((0, "well\n", ""), await _client.Exec(neighbour.Id, "echo well"));
        }

        Container hogged = await _client.WaitExited(offenders[2].Id);
        Assert.Equal((true, 137), (hogged.OomKilled, hogged.ExitCode));
        await Eventually(async () => (await Usage(offenders[0])).GetProperty("pidsLimitReached").GetInt64() > 0);
        Assert.InRange((await Usage(offenders[0])).GetProperty("pids").GetInt64(), 1, 60);
        Assert.Equal(ContainerState.Running, (await _client.Get(offenders[1].Id)).State);
        Assert.True((await Usage(offenders[1])).GetProperty("memory").GetInt64() < 64 << 20);
        await Eventually(async () => (await _client.Exec(offenders[3].Id, "test $(stat -c %s /full) -gt 16000000 && ! head -c 33554432 /dev/zero > /more")).ExitCode == 0);
        Assert.Equal((0, "well\n", ""), await _client.Exec(neighbour.Id, "echo well"));
        foreach (Container container in (Container[])[neighbour, .. offenders])
        {
            await _client.Remove(container.Id);
        }
    }

    private static async Task<(string, string)> CodeAndField(Func<Task<ErrorDetail>> refused) => await refused() is var error ? (error.Code, error.Field) : default;

    private Task<JsonElement> Usage(Container container, string? window = null) =>
        _client.Tool("getResourceUsage", window is null ? new { container = container.Id } : new { container = container.Id, window });

    private async Task<JsonElement?> TryUsage(Container container, string window)
    {
        try
        {
            return await Usage(container, window);
        }
        catch (Grpc.Core.RpcException)
        {
            return null;
        }
    }

    /// <summary>Waits until an event tells of a limit.</summary>
    private async Task<JsonElement> Told(Container container, string limit, string level)
    {
        JsonElement? found = null;
        await Eventually(async () => (found = (await _client.Tool("getEvents", new { container = container.Id, types = new[] { "container.limit_reached" } })).GetProperty("events").EnumerateArray()
            .Select(e => (JsonElement?)e.GetProperty("attributes")).FirstOrDefault(a => a!.Value.Text("limit") == limit && a.Value.Text("level") == level)) is not null);
        return found!.Value;
    }
}
