using Google.Protobuf;
using Grpc.Core;
using Quilt.Api.V1;
using Xunit;
using static Quilt.Daemon.Tests.TestContainers;

namespace Quilt.Daemon.Tests;

public sealed class AttachTests(DaemonFixture fixture)
{
    private readonly QuiltService.QuiltServiceClient _client = fixture.Client;

    private async Task<(AsyncDuplexStreamingCall<StreamInput, StreamOutput> Call, StreamReader Stream)> Attach(string container)
    {
        AsyncDuplexStreamingCall<StreamInput, StreamOutput> call = _client.AttachContainer(cancellationToken: Cancellation);
        await call.RequestStream.WriteAsync(new StreamInput { Attach = container }, Cancellation);
        StreamReader stream = new(call);
        Assert.Equal(StreamOutput.OutputOneofCase.Started, (await stream.Next()).OutputCase);
        return (call, stream);
    }

    [Fact]
    public async Task Joined_before_the_start_nothing_is_lost_also_of_a_container_that_removes_itself()
    {
        ContainerSpec spec = Shell("cat; echo done; exit 6");
        (spec.StdinOpen, spec.AutoRemove) = (true, true);
        Container container = await _client.Create(spec);
        (AsyncDuplexStreamingCall<StreamInput, StreamOutput> call, StreamReader stream) = await Attach(container.Id);
        using (call)
        {
            await _client.Start(container.Id);
            await call.RequestStream.WriteAsync(new StreamInput { Stdin = ByteString.CopyFromUtf8("hello\n") }, Cancellation);
            await call.RequestStream.WriteAsync(new StreamInput { CloseStdin = true }, Cancellation);
            Assert.Equal("hello\ndone\n", await stream.ReadToExit());
            Assert.Equal(6, call.ResponseStream.Current.Exit.ExitCode);
        }

        await Eventually(async () => (await _client.ListContainersAsync(new ListContainersRequest { All = true, Name = container.Name }, cancellationToken: Cancellation)).Containers.Count == 0);
    }

    [Fact]
    public async Task Losing_the_stream_leaves_the_container_as_it_is()
    {
        ContainerSpec spec = Shell("read x; echo read $x");
        spec.StdinOpen = true;
        Container container = await _client.Run(spec);
        (await Attach(container.Id)).Call.Dispose();
        (AsyncDuplexStreamingCall<StreamInput, StreamOutput> call, StreamReader stream) = await Attach(container.Id);
        using (call)
        {
            await call.RequestStream.WriteAsync(new StreamInput { Stdin = ByteString.CopyFromUtf8("again\n") }, Cancellation);
            Assert.Equal("read again\n", await stream.ReadToExit());
        }

        Assert.Equal("read again\n", await _client.Logs(container.Id));
        await _client.Remove(container.Id);
    }

    [Fact]
    public async Task Signals_reach_the_command_through_init_and_a_terminal_is_one()
    {
        ContainerSpec spec = Shell("trap 'echo told; exit 9' USR1; tty; while :; do sleep 0.01; done");
        (spec.Tty, spec.StdinOpen) = (true, true);
        Container container = await _client.Create(spec);
        (AsyncDuplexStreamingCall<StreamInput, StreamOutput> call, StreamReader stream) = await Attach(container.Id);
        using (call)
        {
            await _client.Start(container.Id);
            Assert.Equal("/dev/pts/0\r\n", await stream.ReadLine());
            await call.RequestStream.WriteAsync(new StreamInput { Signal = "USR1" }, Cancellation);
            Assert.Equal("told\r\n", await stream.ReadToExit());
        }

        Assert.Equal(9, (await _client.WaitExited(container.Id)).ExitCode);
        await _client.Remove(container.Id);
    }

    [Fact]
    public async Task A_wrong_message_ends_the_stream_with_its_field_and_an_ended_container_cannot_be_joined()
    {
        Container container = await _client.Run(Shell("true"));
        await _client.WaitExited(container.Id);
        Assert.Equal("failed_precondition", (await Fails(() => Attach(container.Id))).Code);
        await _client.Remove(container.Id);
        ErrorDetail wrong = await Fails(async () =>
        {
            using AsyncDuplexStreamingCall<StreamInput, StreamOutput> call = _client.AttachContainer(cancellationToken: Cancellation);
            await call.RequestStream.WriteAsync(new StreamInput { CloseStdin = true }, Cancellation);
            await call.ResponseStream.MoveNext(Cancellation);
        });
        Assert.Equal(("invalid_argument", "input"), (wrong.Code, wrong.Field));
    }
}
