using System.CommandLine;
using System.Globalization;
using Quilt.Api.V1;
using Quilt.Core;

namespace Quilt.Cli;

internal sealed class EventsCommand : CliCommand
{
    private readonly Option<string?> _since, _until, _container;
    private readonly Option<string[]> _type;
    private readonly Option<bool> _follow;

    internal EventsCommand()
        : base("events", "Show what happened to containers, in order")
    {
        _since = Value("CURSOR|TIME", "After the event of this number (0: all that are kept), or from a time on: RFC 3339, or an age such as 10m", "--since");
        _until = Value("TIME", "Up to then: RFC 3339, or an age such as 10m; -f ends there", "--until");
        _follow = Flag("Go on with those to come", "--follow", "-f");
        _container = Value("CONTAINER", "Of one container alone", "--container");
        _type = Values("TYPE", "Of this type alone, such as container.exited", "--type");
    }

    internal override string Usage => "[--since CURSOR|TIME] [--until TIME] [-f] [--container CONTAINER] [--type TYPE]";

    internal override string Details => "Each event has a number that only grows. Give the last one you saw to --since, and you miss none. With --json, one object a line.";

    internal override IReadOnlyList<Example> Examples =>
    [
        new("quilt events -f", "Watch"),
        new("quilt events --since 1h --until 10m", "What happened then"),
        new("quilt events --since 120 --type container.exited --json", "For a program: what ended since event 120"),
    ];

    internal override async Task<int> RunAsync(Invocation call)
    {
        GetEventsRequest request = new() { Follow = call.Get(_follow), Container = call.Get(_container) ?? "" };
        request.Types_.AddRange(call.Get(_type) ?? []);
        DateTimeOffset now = DateTimeOffset.UtcNow;
        request.Until = PointInTime.Parse(call.Get(_until), "--until", now);
        if (long.TryParse(call.Get(_since), NumberStyles.None, CultureInfo.InvariantCulture, out long cursor) && cursor < PointInTime.OldestUnixSeconds)
        {
            request.SinceCursor = cursor; // a number is an event's, but one so large a time
        }
        else
        {
            request.Since = PointInTime.Parse(call.Get(_since), "--since", now);
        }

        await foreach (Event happened in call.Daemon.GetEvents(request))
        {
            if (call.Json)
            {
                CliJson.WriteLine(call.Out, ViewOf.Event(happened), j => j.EventView);
            }
            else
            {
                Write(call.Out, call.Streams.Style, happened);
            }

            if (request.Follow)
            {
                call.Out.Flush();
            }
        }

        return 0;
    }

    internal static void Write(TextWriter to, Style style, Event e)
    {
        string attributes = string.Concat(e.Attributes.Where(a => a.Value.Length > 0).OrderBy(a => a.Key, StringComparer.Ordinal).Select(a => $" {a.Key}={Text.Escaped(a.Value)}"));
        to.WriteLine($"{e.Cursor,6}  {style.Faint(ViewOf.Time(e.Time) ?? "")}  {style.Heading(e.Type),-20}  {(e.Container.Length > 12 ? e.Container[..12] : e.Container)} {e.Name}{attributes}");
    }
}
