using Grpc.Core;
using Quilt.Api.V1;
using Xunit;
using static Quilt.Daemon.Tests.TestContainers;

namespace Quilt.Daemon.Tests;

public sealed class LimitTests(DaemonFixture fixture)
{
    private readonly QuiltService.QuiltServiceClient _client = fixture.Client;

    [Fact]
    public async Task A_container_killed_by_the_kernel_for_memory_is_reported_as_oom()
    {
        ContainerSpec spec = new() { Command = { "tail", "/dev/zero" }, Resources = new Resources { MemoryBytes = 16 << 20 } };
        Container neighbour = await _client.Run(), container = await _client.Run(spec);
        Container ended = await _client.WaitExited(container.Id);
        Assert.True(ended.OomKilled, ended.ToString());
        Assert.Equal(137, ended.ExitCode);
        List<Event> events = await _client.GetEvents(new GetEventsRequest { Container = container.Id }, cancellationToken: Cancellation).ResponseStream.ReadAllAsync(Cancellation).ToListAsync(Cancellation);
        Assert.Equal(["container.oom", "container.exited"], events.Select(e => e.Type).TakeLast(2));
        Assert.Equal((0, "well\n", ""), await _client.Exec(neighbour.Id, "echo well"));
        await _client.Remove(container.Id);
        await _client.Remove(neighbour.Id);
    }

    [Fact]
    public async Task A_fork_bomb_stays_within_its_limit_and_can_be_removed()
    {
        ContainerSpec spec = Shell("(while :; do sleep 1000 & done) 2>/dev/null; exec sleep 1000");
        spec.Resources = new Resources { Pids = 40 };
        Container container = await _client.Run(spec);
        await Eventually(async () => await Pids(container.Id) >= 30);
        Assert.True(await Pids(container.Id) <= 40);
        Container other = await _client.Run();
        Assert.Equal((0, "well\n", ""), await _client.Exec(other.Id, "echo well"));
        await _client.Remove(container.Id);
        await _client.Remove(other.Id);
    }

    [Fact]
    public async Task An_exec_beyond_the_process_limit_is_told_as_a_limit()
    {
        ContainerSpec spec = Shell("sleep 1000 & sleep 1000 & sleep 1000 & wait");
        spec.Resources = new Resources { Pids = 5 };
        Container container = await _client.Run(spec);
        await Eventually(async () => await Pids(container.Id) == 5);
        ErrorDetail error = await Fails(() => _client.Exec(container.Id, "true"));
        Assert.Equal("resource_exhausted", error.Code);
        await _client.Remove(container.Id);
    }

    private async Task<ulong> Pids(string container)
    {
        using Grpc.Core.AsyncServerStreamingCall<GetStatsResponse> call = _client.GetStats(new GetStatsRequest { Containers = { container } }, cancellationToken: Cancellation);
        await call.ResponseStream.MoveNext(Cancellation);
        return call.ResponseStream.Current.Stats[0].Pids;
    }
}
