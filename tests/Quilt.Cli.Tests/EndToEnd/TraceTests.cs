using Google.Protobuf;
using Quilt.Testing;
using Quilt.Testing.Otlp;

namespace Quilt.Cli.Tests;

/// <summary>One trace through command, daemon and shim, as a collector gets it.</summary>
public sealed class TraceTests(CliDaemon cli)
{
    [Fact]
    public async Task A_command_its_calls_and_what_the_shim_did_are_one_trace()
    {
        using TraceCollector collector = new();
        await using DaemonProcess daemon = await DaemonProcess.StartAsync(null, "--otlp", collector.Url);
        const string trace = "0af7651916cd43dd8448eb211c80319c", caller = "b7ad6b7169203331";
        Dictionary<string, string> environment = new()
        {
            ["QUILT_HOST"] = $"unix://{daemon.Socket}",
            ["OTEL_EXPORTER_OTLP_ENDPOINT"] = collector.Url,
            ["TRACEPARENT"] = $"00-{trace}-{caller}-01",
        };
        CliResult run = await cli.RunWith(environment, null, "run", "-d", "--name", "traced", "--", "sleep", "1000");
        Assert.True(run.ExitCode == 0, run.Stderr);

        Span command = await Find(collector, "quilt", "quilt run");
        Span call = await Find(collector, "quiltd", "createContainer");
        Span asked = await Find(collector, "quiltd", "shim create and start");
        Span shim = await Find(collector, "quiltd", "quilt-shim create and start");
        Assert.All([command, call, asked, shim], s => Assert.Equal(trace, Hex(s.TraceId)));
        Assert.Equal([caller, Hex(command.SpanId), Hex(call.SpanId), Hex(asked.SpanId)], new[] { command, call, asked, shim }.Select(s => Hex(s.ParentSpanId)));
        Assert.True(shim.EndTimeUnixNano > shim.StartTimeUnixNano);
        Assert.True(command.EndTimeUnixNano - command.StartTimeUnixNano > call.EndTimeUnixNano - call.StartTimeUnixNano);
        Assert.Contains(call.Attributes, a => a is { Key: "quilt.face", Value.StringValue: "grpc" });

        // What was refused says so, and a trace is begun where the caller has none.
        CliResult none = await cli.RunWith(new Dictionary<string, string> { ["QUILT_HOST"] = $"unix://{daemon.Socket}" }, null, "start", "no-such");
        Assert.NotEqual(0, none.ExitCode);
        Span refused = await Find(collector, "quiltd", "startContainer");
        Assert.True(refused.ParentSpanId.IsEmpty);
        Assert.Contains(refused.Attributes, a => a is { Key: "error.type", Value.StringValue: "not_found" });
    }

    [Fact]
    public async Task An_address_that_is_none_is_refused()
    {
        CliResult refused = await cli.RunWith(new Dictionary<string, string> { ["OTEL_EXPORTER_OTLP_ENDPOINT"] = "nowhere" }, null, "ps");
        Assert.Equal(2, refused.ExitCode);
        Assert.Contains("OTEL_EXPORTER_OTLP_ENDPOINT", refused.Stderr, StringComparison.Ordinal);
    }

    private static async Task<Span> Find(TraceCollector collector, string service, string name)
    {
        await Deadline.Until(() => collector.Spans.Any(s => s.Service == service && s.Span.Name == name), TimeSpan.FromSeconds(30), $"a span {name} of {service}");
        return collector.Spans.First(s => s.Service == service && s.Span.Name == name).Span;
    }

    private static string Hex(ByteString id) => Convert.ToHexStringLower(id.Span);
}
