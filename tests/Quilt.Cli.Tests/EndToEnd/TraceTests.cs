using System.Diagnostics;
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

    /// <summary>They are there for all of a person's programs.</summary>
    [Theory]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT", "nowhere")]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT", "http://")]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT", "https://user:hunter2@127.0.0.1:4318")]
    [InlineData("OTEL_EXPORTER_OTLP_HEADERS", "hunter2")]
    [InlineData("OTEL_EXPORTER_OTLP_CERTIFICATE", "/hunter2")]
    public async Task A_variable_that_no_trace_can_be_had_with_is_told_and_stops_no_command(string name, string value)
    {
        using TraceCollector collector = new();
        Dictionary<string, string> environment = new() { ["OTEL_EXPORTER_OTLP_ENDPOINT"] = collector.Url, [name] = value };
        CliResult all = await cli.RunWith(environment, null, "ps", "-q");
        Assert.Equal(0, all.ExitCode);
        Assert.Matches("^quilt: warning: not traced: [^\n]*OTEL_[^\n]*\n$", all.Stderr);
        Assert.DoesNotContain("hunter2", all.Stderr, StringComparison.Ordinal);
        CliResult missing = await cli.RunWith(environment, null, "inspect", "--json", "no-such");
        Assert.StartsWith("{\"error\":", missing.Stderr, StringComparison.Ordinal);
        Assert.Empty(collector.Spans);
    }

    [Fact]
    public async Task A_warning_that_cannot_be_told_stops_no_command()
    {
        ProcessStartInfo start = new("/bin/sh", ["-c", "exec \"$@\" 2>/dev/full", "sh", Path.Combine(Programs.Folder, "quilt"), "--version"]) { Environment = { ["OTEL_EXPORTER_OTLP_ENDPOINT"] = "https://127.0.0.1:4318" } };
        ProgramRun run = await ProgramRun.OfAsync(start);
        Assert.True(run.ExitCode == 0 && run.Said.Length > 0, run.ToString());
    }

    [Theory]
    [InlineData("OTEL_EXPORTER_OTLP_TIMEOUT", "soon")]
    [InlineData("OTEL_EXPORTER_OTLP_PROTOCOL", "none")]
    [InlineData("OTEL_BSP_SCHEDULE_DELAY", "soon")]
    [InlineData("OTEL_BSP_MAX_QUEUE_SIZE", "-1")]
    [InlineData("OTEL_TRACES_SAMPLER", "none")]
    [InlineData("OTEL_RESOURCE_ATTRIBUTES", "=,=")]
    [InlineData("TRACEPARENT", "00-ünreadable")]
    public async Task A_value_that_cannot_be_read_is_as_none(string name, string value)
    {
        using TraceCollector collector = new();
        CliResult all = await cli.RunWith(new Dictionary<string, string> { ["OTEL_EXPORTER_OTLP_ENDPOINT"] = collector.Url, [name] = value }, null, "ps", "-q");
        Assert.Equal((0, ""), (all.ExitCode, all.Stderr));
        Assert.True((await Find(collector, "quilt", "quilt ps")).ParentSpanId.IsEmpty);
    }

    [Fact]
    public async Task Where_nobody_takes_the_spans_a_command_ends_all_the_same()
    {
        using System.Net.Sockets.TcpListener silent = new(System.Net.IPAddress.Loopback, 0);
        silent.Start();
        CliResult all = await cli.RunWith(new Dictionary<string, string> { ["OTEL_EXPORTER_OTLP_ENDPOINT"] = $"http://{silent.LocalEndpoint}" }, null, "ps", "-q");
        Assert.Equal((0, ""), (all.ExitCode, all.Stderr));
    }

    private static async Task<Span> Find(TraceCollector collector, string service, string name)
    {
        await Deadline.Until(() => collector.Spans.Any(s => s.Service == service && s.Span.Name == name), TimeSpan.FromSeconds(30), $"a span {name} of {service}");
        return collector.Spans.First(s => s.Service == service && s.Span.Name == name).Span;
    }

    private static string Hex(ByteString id) => Convert.ToHexStringLower(id.Span);
}
