using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Google.Protobuf.WellKnownTypes;
using Quilt.Api.V1;
using Quilt.Linux;
using Xunit;
using static Quilt.Daemon.Tests.TestContainers;

namespace Quilt.Daemon.Tests;

/// <summary>Waiting for what a container comes to, and holding it still.</summary>
public sealed class WaitTests(DaemonFixture fixture)
{
    private readonly QuiltService.QuiltServiceClient _client = fixture.Client;

    [Theory]
    [InlineData("nc -l -p 4321; echo somebody came")]
    [InlineData("httpd -f -p 127.0.0.1:4321")]
    public async Task A_port_is_waited_for_until_something_listens_and_nobody_is_connected_to_it(string listener)
    {
        Container container = await _client.Create(Shell($"until [ -e /go ]; do sleep 0.02; done; {listener}; exec sleep 1000"));
        Task<JsonElement> waiting = _client.Tool("waitForContainer", new { container = container.Id, until = "port", port = 4321, timeout = "30s" });
        await _client.Start(container.Id);
        Assert.Equal("deadline_exceeded", (await _client.ToolRefused("waitForContainer", new { container = container.Id, until = "port", port = 4321, timeout = "50ms" })).Code);
        Assert.False(waiting.IsCompleted);
        await _client.Exec(container.Id, "touch /go");
        Assert.Equal("port", (await waiting).Text("happened"));
        await _client.WaitContainerAsync(new WaitContainerRequest { Container = container.Id, Until = "port", Port = 4321 }, cancellationToken: Cancellation);
        Assert.Equal("deadline_exceeded", (await _client.ToolRefused("waitForContainer", new { container = container.Id, until = "port", port = 4321, protocol = "udp", timeout = "50ms" })).Code);
        Assert.Equal("", await _client.Logs(container.Id));
        await _client.Remove(container.Id);
    }

    [Fact]
    public async Task A_udp_port_is_one_of_its_own()
    {
        Container container = await _client.Run();
        Task<JsonElement> waiting = _client.Tool("waitForContainer", new { container = container.Id, until = "port", port = 4321, protocol = "udp", timeout = "30s" });
        using Socket socket = SocketWithin(container, SocketType.Dgram, AddressFamily.InterNetworkV6);
        socket.Bind(new IPEndPoint(IPAddress.IPv6Loopback, 4321));
        Assert.Equal("port", (await waiting).Text("happened"));
        Assert.Equal("deadline_exceeded", (await _client.ToolRefused("waitForContainer", new { container = container.Id, until = "port", port = 4321, timeout = "50ms" })).Code);
        await _client.Remove(container.Id);
    }

    [Fact]
    public async Task A_port_of_a_container_that_ends_is_not_waited_for()
    {
        Container container = await _client.Run(Shell("until [ -e /go ]; do sleep 0.02; done"));
        Task<ErrorDetail> waiting = _client.ToolRefused("waitForContainer", new { container = container.Id, until = "port", port = 1, timeout = "30s" });
        await _client.Exec(container.Id, "touch /go");
        Assert.Equal("failed_precondition", (await waiting).Code);
        await _client.Remove(container.Id);
    }

    [Fact]
    public async Task A_line_is_found_from_the_beginning_or_from_a_moment_on()
    {
        Container container = await _client.Run(Shell("echo ready 1; until [ -e /go ]; do sleep 0.02; done; echo ready 2; exec sleep 1000"));
        JsonElement first = await _client.Tool("waitForContainer", new { container = container.Id, until = "log", pattern = "^ready \\d$", timeout = "30s" });
        Assert.Equal("ready 1", first.GetProperty("line").Text("text"));
        DateTimeOffset after = first.GetProperty("line").GetProperty("time").GetDateTimeOffset().AddTicks(10);
        Task<WaitContainerResponse> second = _client.WaitContainerAsync(
            new WaitContainerRequest { Container = container.Id, Until = "log", Pattern = "^ready", Since = after.ToTimestamp() }, cancellationToken: Cancellation).ResponseAsync;
        await _client.Exec(container.Id, "touch /go");
        Assert.Equal("ready 2\n", (await second).Line.Data.ToStringUtf8());
        await _client.Remove(container.Id);
    }

    [Fact]
    public async Task A_line_that_did_not_come_before_the_end_is_told_with_the_end()
    {
        for (int i = 0; i < 10; i++)
        {
            Container container = await _client.Run(Shell("until [ -e /go ]; do sleep 0.02; done"));
            Task<ErrorDetail> waiting = _client.ToolRefused("waitForContainer", new { container = container.Id, until = "log", pattern = "never", timeout = "30s" });
            await _client.Exec(container.Id, "touch /go");
            ErrorDetail error = await waiting;
            Assert.Equal("failed_precondition", error.Code);
            Assert.EndsWith("it is exited", error.Message, StringComparison.Ordinal);
            await _client.Remove(container.Id);
        }
    }

    [Fact]
    public async Task A_wait_for_the_exit_ends_with_the_run_that_a_restart_ends()
    {
        Container container = await _client.Run(Shell("trap 'exit 5' TERM; touch /ready; while :; do sleep 0.02; done"));
        await _client.Exec(container.Id, "until [ -e /ready ]; do sleep 0.01; done");
        Task<Container>[] waiting = [.. Enumerable.Range(0, 20).Select(_ => _client.WaitExited(container.Id))];
        await _client.GetContainerAsync(new ContainerRequest { Container = container.Id }, cancellationToken: Cancellation);
        await _client.RestartContainerAsync(new RestartContainerRequest { Container = container.Id }, cancellationToken: Cancellation);
        foreach (Container ended in await Task.WhenAll(waiting))
        {
            Assert.Equal((ContainerState.Exited, 5), (ended.State, ended.ExitCode));
        }

        Assert.Equal(ContainerState.Running, (await _client.Get(container.Id)).State);
        await _client.Remove(container.Id);
    }

    [Fact]
    public async Task Pausing_twice_is_pausing_once_and_nothing_is_run_in_what_is_paused()
    {
        Container container = await _client.Run();
        ContainerRequest named = new() { Container = container.Id };
        await _client.PauseContainerAsync(named, cancellationToken: Cancellation);
        Assert.Equal(ContainerState.Paused, (await _client.PauseContainerAsync(named, cancellationToken: Cancellation)).State);
        Assert.Equal("failed_precondition", (await Fails(async () => await _client.Exec(container.Id, "true"))).Code);
        await _client.UnpauseContainerAsync(named, cancellationToken: Cancellation);
        Assert.Equal(ContainerState.Running, (await _client.UnpauseContainerAsync(named, cancellationToken: Cancellation)).State);
        Assert.Equal(0, (await _client.Exec(container.Id, "true")).ExitCode);
        await _client.PauseContainerAsync(named, cancellationToken: Cancellation);
        Assert.Equal(ContainerState.Running, (await _client.RestartContainerAsync(new RestartContainerRequest { Container = container.Id, Timeout = Duration.FromTimeSpan(TimeSpan.Zero) }, cancellationToken: Cancellation)).Container.State);
        await _client.StopContainerAsync(new StopContainerRequest { Container = container.Id, Timeout = Duration.FromTimeSpan(TimeSpan.Zero) }, cancellationToken: Cancellation);
        Assert.Equal("failed_precondition", (await Fails(async () => await _client.PauseContainerAsync(named, cancellationToken: Cancellation))).Code);
        await _client.Remove(container.Id);
    }

    [Theory]
    [InlineData("port", "port", """{"until":"port"}""")]
    [InlineData("port", "port", """{"until":"port","port":65536}""")]
    [InlineData("port", "port", """{"until":"port","port":0}""")]
    [InlineData("port", "port", """{"until":"exited","port":80}""")]
    [InlineData("protocol", "protocol", """{"until":"port","port":80,"protocol":"sctp"}""")]
    [InlineData("pattern", "pattern", """{"until":"log","pattern":"("}""")]
    [InlineData("pattern", "pattern", """{"until":"log"}""")]
    [InlineData("pattern", "pattern", """{"until":"running","pattern":"x"}""")]
    [InlineData("since", "since", """{"until":"port","port":80,"since":"2026-01-01T00:00:00Z"}""")]
    public async Task Bad_input_is_refused_by_its_field(string field, string inMessage, string arguments)
    {
        Container container = await _client.Run();
        ErrorDetail refused = await _client.ToolRefused("waitForContainer", $"{{\"container\":\"{container.Id}\",\"timeout\":1,{arguments[1..]}");
        Assert.Equal(("invalid_argument", field), (refused.Code, refused.Field));
        Assert.Contains(inMessage, refused.Message, StringComparison.Ordinal);
        await _client.Remove(container.Id);
    }
}
