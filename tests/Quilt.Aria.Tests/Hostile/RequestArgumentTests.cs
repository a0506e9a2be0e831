using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Quilt.Api.V1;
using Quilt.Core;
using Quilt.Daemon;
using Quilt.Fuzzing;
using Xunit;

namespace Quilt.Aria.Tests.Hostile;

/// <summary>What the daemon makes of requests, without the daemon: where nothing is asked of it but to read.</summary>
public sealed class RequestArgumentTests
{
    [Fact]
    public void A_request_for_a_container_that_is_anything_is_a_specification_or_refused() => Fuzz.Run(MutatedMessage.Of(CreateContainerRequest.Descriptor), bytes =>
        Refused(() => _ = ContainerSpecReader.Read(RequestArguments.Of(CreateContainerRequest.Parser.ParseFrom(bytes)))));

    [Fact]
    public void A_request_for_a_command_that_is_anything_is_one_or_refused() => Fuzz.Run(MutatedMessage.Of(ExecRequest.Descriptor), bytes =>
        Refused(() => _ = ExecSpecReader.Read(RequestArguments.Of(ExecRequest.Parser.ParseFrom(bytes)))));

    [Fact]
    public void A_request_for_a_log_that_is_anything_is_one_or_refused() => Fuzz.Run(MutatedMessage.Of(GetLogsRequest.Descriptor), bytes =>
        Refused(() => _ = LogQueryReader.Read(RequestArguments.Of(GetLogsRequest.Parser.ParseFrom(bytes)))));

    [Theory]
    [InlineData(long.MaxValue, 0)]
    [InlineData(1, 1_000_000_000)]
    [InlineData(1, -1)]
    [InlineData(Duration.MaxSeconds, 0)] // which no moment can be added to
    public void A_duration_that_is_none_is_refused_by_its_field(long seconds, int nanos)
    {
        Duration wrong = new() { Seconds = seconds, Nanos = nanos };
        (string, Action)[] requests =
        [
            ("ttl", () => RequestArguments.Of(new CreateContainerRequest { Spec = new() { Ttl = wrong } })),
            ("stopTimeout", () => RequestArguments.Of(new CreateContainerRequest { Spec = new() { StopTimeout = wrong } })),
            ("healthcheck.interval", () => RequestArguments.Of(new CreateContainerRequest { Spec = new() { HealthCheck = new() { Interval = wrong } } })),
            ("timeout", () => RequestArguments.Of(new ExecRequest { Timeout = wrong })),
            ("timeout", () => RequestArguments.Timeout(wrong)),
        ];
        Assert.All(requests, r => Assert.Equal((ErrorCode.InvalidArgument, r.Item1), Told(r.Item2)));
    }

    [Fact]
    public void A_moment_that_is_none_is_refused_by_its_field()
    {
        Timestamp wrong = new() { Seconds = Duration.MaxSeconds, Nanos = 1 };
        Assert.Equal((ErrorCode.InvalidArgument, "since"), Told(() => RequestArguments.Of(new GetLogsRequest { Since = wrong })));
        Assert.Equal((ErrorCode.InvalidArgument, "until"), Told(() => RequestArguments.Of(new GetLogsRequest { Until = wrong })));
    }

    private static (ErrorCode, string?) Told(Action read)
    {
        QuiltException refused = Assert.Throws<QuiltException>(read);
        return (refused.Code, refused.Field);
    }

    private static void Refused(Action read)
    {
        try
        {
            Fuzz.Bounded(read);
        }
        catch (InvalidProtocolBufferException)
        {
            // Refused before it is ours.
        }
        catch (QuiltException e)
        {
            Assert.Equal(ErrorCode.InvalidArgument, e.Code);
            Assert.NotNull(e.Remedy);
        }
    }
}
