using System.CommandLine;
using System.Globalization;
using Quilt.Api.V1;
using Quilt.Core;

namespace Quilt.Cli;

internal sealed class LogsCommand : CliCommand
{
    private readonly Argument<string> _container;
    private readonly Option<bool> _follow, _timestamps;
    private readonly Option<string?> _tail, _since, _until, _stream, _pattern, _cursor;

    internal LogsCommand()
        : base("logs", "Show what a container's command has written")
    {
        _container = Word("CONTAINER");
        _follow = Flag("Go on until the command ends", "--follow", "-f");
        _tail = Value("N", "The last N lines; 'all' is the default", "--tail", "-n");
        _since = Value("TIME", "From then on: 2026-01-31T12:00:00Z, Unix seconds, or how long ago, such as 10m", "--since");
        _until = Value("TIME", "Up to then", "--until");
        _stream = Value("STREAM", "stdout or stderr alone", "--stream");
        _timestamps = Flag("Each line with its time", "--timestamps", "-t");
        _pattern = Value("REGEX", "Lines alone that this regular expression matches", "--pattern");
        _cursor = Value("CURSOR", "After the line that had this cursor (see --json)", "--cursor");
    }

    internal override string Usage => "[-f] [--tail N] [--since T] [--until T] [--stream stdout|stderr] [--timestamps] [--pattern REGEX] CONTAINER";

    internal override string Details => "The bytes are as they were written: stdout's to stdout, stderr's to stderr. With --json, one object a line, with time, stream and cursor.";

    internal override IReadOnlyList<Example> Examples =>
    [
        new("quilt logs --tail 20 -f web", "The last lines, and those to come"),
        new("quilt logs --since 10m --pattern 'error|panic' web", "What went wrong lately"),
    ];

    internal override ArgumentKind Completes => ArgumentKind.Container;

    internal override async Task<int> RunAsync(Invocation call)
    {
        bool timestamps = call.Get(_timestamps);
        GetLogsRequest request = Request(call, DateTimeOffset.UtcNow);
        await foreach (LogLine line in call.Daemon.GetLogs(request))
        {
            if (call.Json)
            {
                CliJson.WriteLine(call.Out, ViewOf.LogLine(line), j => j.LogLineView);
                if (request.Follow)
                {
                    call.Out.Flush();
                }
            }
            else
            {
                Write(line.Stream == "stderr" ? call.Streams.ErrorBytes : call.Streams.OutBytes, line, timestamps);
            }
        }

        return 0;
    }

    private static void Write(Stream to, LogLine line, bool timestamps)
    {
        if (timestamps)
        {
            to.Write(System.Text.Encoding.ASCII.GetBytes($"{ViewOf.Time(line.Time)} "));
        }

        to.Write(line.Data.Span);
    }

    private GetLogsRequest Request(Invocation call, DateTimeOffset now)
    {
        GetLogsRequest request = new()
        {
            Container = call.Get(_container),
            Follow = call.Get(_follow),
            Since = PointInTime.Parse(call.Get(_since), "--since", now),
            Until = PointInTime.Parse(call.Get(_until), "--until", now),
            Stream = Stream(call.Get(_stream)),
            Pattern = call.Get(_pattern) ?? "",
            Cursor = call.Get(_cursor) ?? "",
        };
        if (call.Get(_tail) is { } tail and not "all")
        {
            request.Tail = long.TryParse(tail, NumberStyles.None, CultureInfo.InvariantCulture, out long count)
                ? count
                : throw QuiltException.Invalid("--tail", $"--tail '{tail}' is not a number of lines", "give a number, or 'all'");
        }

        return request;
    }

    private static string Stream(string? text) => text is null or "stdout" or "stderr"
        ? text ?? ""
        : throw QuiltException.Invalid("--stream", $"there is no stream '{text}'", "use stdout or stderr");
}
