using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Quilt.Api.V1;
using Xunit;
using static Quilt.Daemon.Tests.TestContainers;

namespace Quilt.Daemon.Tests;

public sealed class LogTests(DaemonFixture fixture)
{
    private readonly QuiltService.QuiltServiceClient _client = fixture.Client;

    [Fact]
    public async Task Tail_stream_pattern_and_cursor_choose_lines()
    {
        Container container = await _client.Run(Shell("seq 1 100; echo bad >&2"));
        await _client.WaitExited(container.Id);
        Assert.Equal("99\n100\n", await _client.Logs(container.Id, r => (r.Tail, r.Stream) = (2, "stdout")));
        Assert.Equal("bad\n", await _client.Logs(container.Id, r => r.Stream = "stderr"));
        Assert.Equal("55\n", await _client.Logs(container.Id, r => r.Pattern = "^5{2}$"));
        Assert.Equal("", await _client.Logs(container.Id, r => r.Tail = 0));
        LogLine tenth = await Lines(container.Id).Skip(9).FirstAsync(Cancellation);
        Assert.Equal("11\n", (await Lines(container.Id, r => r.Cursor = tenth.Cursor).FirstAsync(Cancellation)).Data.ToStringUtf8());
        await _client.Remove(container.Id);
    }

    [Fact]
    public async Task What_comes_faster_than_it_is_kept_waits_and_comes_to_its_end()
    {
        Container container = await _client.Run(Shell("yes 0123456789abcdef | head -n 5000000; echo end"));
        Assert.Equal(0, (await _client.WaitExited(container.Id)).ExitCode);
        Assert.Equal("0123456789abcdef\nend\n", await _client.Logs(container.Id, r => r.Tail = 2));
        await _client.Remove(container.Id);
    }

    [Fact]
    public async Task Since_and_until_bound_the_time()
    {
        ContainerSpec spec = Shell("echo one; read x; echo two");
        spec.StdinOpen = true;
        Container container = await _client.Run(spec);
        Timestamp one = (await Lines(container.Id, r => r.Follow = true).FirstAsync(Cancellation)).Time;
        Timestamp between = Timestamp.FromDateTimeOffset(one.ToDateTimeOffset().AddTicks(1));
        using (AsyncDuplexStreamingCall<StreamInput, StreamOutput> call = _client.AttachContainer(cancellationToken: Cancellation))
        {
            await call.RequestStream.WriteAsync(new StreamInput { Attach = container.Id }, Cancellation);
            await call.RequestStream.WriteAsync(new StreamInput { CloseStdin = true }, Cancellation);
            await _client.WaitExited(container.Id);
        }

        Assert.Equal("two\n", await _client.Logs(container.Id, r => r.Since = between));
        Assert.Equal("one\n", await _client.Logs(container.Id, r => r.Until = between));
        await _client.Remove(container.Id);
    }

    [Fact]
    public async Task A_follower_gets_every_line_and_then_the_end()
    {
        Container container = await _client.Create(Shell("seq 1 50000"));
        Task<string> following = _client.Logs(container.Id, r => r.Follow = true);
        await _client.Start(container.Id);
        string text = await following;
        Assert.Equal(string.Concat(Enumerable.Range(1, 50000).Select(n => $"{n}\n")), text);
        await _client.Remove(container.Id);
    }

    [Fact]
    public async Task Following_one_that_ends_at_once_gets_its_lines_and_the_end()
    {
        // Shims go from one to the next meanwhile.
        await Parallel.ForAsync(0, 60, new ParallelOptions { MaxDegreeOfParallelism = 6, CancellationToken = Cancellation }, async (_, _) =>
        {
            Container container = await _client.Run(Shell("echo one"));
            Assert.Equal("one\n", await _client.Logs(container.Id, r => r.Follow = true));
            await _client.Remove(container.Id);
        });
    }

    [Fact]
    public async Task Waiting_for_a_line_ends_with_it_or_with_the_container()
    {
        Container container = await _client.Run(Shell("echo getting ready; echo ready on 8080; sleep 1000"));
        WaitContainerResponse response = await _client.WaitContainerAsync(new WaitContainerRequest { Container = container.Id, Until = "log", Pattern = "ready on [0-9]+" }, cancellationToken: Cancellation);
        Assert.Equal("ready on 8080\n", response.Line.Data.ToStringUtf8());
        await _client.Remove(container.Id);

        Container silent = await _client.Run(Shell("exit 1"));
        ErrorDetail error = await Fails(async () => await _client.WaitContainerAsync(new WaitContainerRequest { Container = silent.Id, Until = "log", Pattern = "ready" }, cancellationToken: Cancellation));
        Assert.Equal("failed_precondition", error.Code);
        await _client.Remove(silent.Id);
    }

    [Fact]
    public async Task A_follower_that_stalls_costs_the_daemon_no_memory_and_the_container_no_time()
    {
        const int lines = 400_000;
        Container container = await _client.Create(Shell($"yes 0123456789012345678901234567890123456789012345678901234567890123456789 | head -n {lines}"));
        using AsyncServerStreamingCall<LogLine> stalled = _client.GetLogs(new GetLogsRequest { Container = container.Id, Follow = true }, cancellationToken: Cancellation);
        await _client.Start(container.Id);
        Assert.True(await stalled.ResponseStream.MoveNext(Cancellation));
        long before = Quilt.Testing.ProcessMemory.ResidentBytes(fixture.Daemon.Pid);
        await _client.WaitExited(container.Id);
        long grown = Quilt.Testing.ProcessMemory.ResidentBytes(fixture.Daemon.Pid) - before;
        Assert.True(grown < 24 << 20, $"{lines * 71} bytes were logged and the daemon grew by {grown}");
        // A follower who has caught up gets the beginning of a line as it is, and its end later.
        int read = 1;
        while (await stalled.ResponseStream.MoveNext(Cancellation))
        {
            read += stalled.ResponseStream.Current.Data.Span is [.., (byte)'\n'] ? 1 : 0;
        }

        Assert.Equal(lines, read);
        await _client.Remove(container.Id);
    }

    private IAsyncEnumerable<LogLine> Lines(string container, Action<GetLogsRequest>? change = null)
    {
        GetLogsRequest request = new() { Container = container };
        change?.Invoke(request);
        return _client.GetLogs(request, cancellationToken: Cancellation).ResponseStream.ReadAllAsync(Cancellation);
    }
}
