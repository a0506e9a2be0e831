using System.CommandLine;
using Quilt.Api.V1;
using Quilt.Core;

namespace Quilt.Cli;

internal sealed class PsCommand : CliCommand
{
    private const int ShortCommand = 40;
    private readonly Option<bool> _all, _quiet, _whole;
    private readonly Option<string[]> _filter;

    internal PsCommand()
        : base("ps", "List containers")
    {
        _all = Flag("Also those that do not run", "--all", "-a");
        _quiet = Flag("Print ids alone", "--quiet", "-q");
        _whole = Flag("Whole ids and commands", "--no-trunc");
        _filter = Values("KEY=VALUE", "state=S, label=KEY[=VALUE], name=PART, image=REF or strategy=S", "--filter", "-f");
    }

    internal override string Usage => "[-a] [-q] [--no-trunc] [--filter K=V]";

    internal override IReadOnlyList<Example> Examples =>
    [
        new("quilt ps -a", "All there are, with their exit codes"),
        new("quilt ps -aq --filter state=exited", "The ids of those that have ended"),
        new("quilt ps --json --filter label=task=42", "For a program: those of one task"),
    ];

    internal override async Task<int> RunAsync(Invocation call)
    {
        ListContainersRequest request = new() { All = call.Get(_all) };
        foreach (string filter in call.Get(_filter) ?? [])
        {
            AddFilter(request, filter);
        }

        List<Container> containers = await ListAsync(call.Daemon, request);
        if (call.Get(_quiet))
        {
            containers.ForEach(c => call.Out.WriteLine(c.Id));
        }
        else if (call.Json)
        {
            CliJson.WriteDocument(call.Out, containers.Select(ViewOf.Container).ToArray(), j => j.ContainerViewArray);
        }
        else
        {
            WriteTable(call.Out, call.Streams.Style, containers, call.Get(_whole), DateTimeOffset.UtcNow);
        }

        return 0;
    }

    /// <summary>All pages of it.</summary>
    internal static async Task<List<Container>> ListAsync(DaemonClient daemon, ListContainersRequest request)
    {
        List<Container> all = [];
        do
        {
            ListContainersResponse page = await daemon.ListContainersAsync(request);
            all.AddRange(page.Containers);
            request.Cursor = page.NextCursor;
        }
        while (request.Cursor.Length > 0);
        return all;
    }

    internal static void AddFilter(ListContainersRequest request, string filter)
    {
        const string field = "--filter";
        (string key, string? value) = KeyValues.Split(filter, field);
        if (value is null)
        {
            throw QuiltException.Invalid(field, $"{field} '{filter}' has no value", "give KEY=VALUE, such as state=running");
        }

        switch (key)
        {
            case "state" or "status":
                request.States.Add(State(value));
                request.All = true;
                break;
            case "label":
                KeyValues.AddWanted(request.Labels, value, field);
                break;
            case "name":
                request.Name = value;
                break;
            case "image":
                request.Image = value;
                break;
            case "strategy":
                request.Strategy = value;
                break;
            default:
                throw QuiltException.Invalid(field, $"{field} has no key '{key}'", "use state, label, name, image or strategy");
        }
    }

    internal static void WriteTable(TextWriter to, Style style, IEnumerable<Container> containers, bool whole, DateTimeOffset now)
    {
        const int statusColumn = 4;
        TextTable table = new("CONTAINER ID", "NAME", "IMAGE", "COMMAND", "STATUS", "CREATED");
        foreach (Container c in containers)
        {
            string command = string.Join(' ', c.Command);
            string shown = whole || command.Length <= ShortCommand ? command : command[..(ShortCommand - 1)] + "…";
            table.Add(whole ? c.Id : c.Id[..12], c.Name, c.Image, shown, Status(c, now), Ago.Text(c.CreatedAt, now));
        }

        table.Write(to, style, (column, text) => column == statusColumn ? Paint(style, text) : text);
    }

    /// <summary>The state in a few words, with its time, as <c>exited (7) 2 minutes ago</c> or <c>running 5 minutes (healthy)</c>.</summary>
    internal static string Status(Container c, DateTimeOffset now) => c.State switch
    {
        ContainerState.Running when c.StartedAt is not null => $"running {Ago.Span(now - c.StartedAt.ToDateTimeOffset())}{(c.Health is null ? "" : $" ({c.Health.Status})")}",
        ContainerState.Exited => $"exited ({(c.HasExitCode ? c.ExitCode : "?")}){(c.OomKilled ? " out of memory" : "")} {Ago.Text(c.ExitedAt, now)}".TrimEnd(),
        _ => ViewOf.State(c.State),
    };

    private static string Paint(Style style, string status) => status switch
    {
        _ when status.EndsWith("(unhealthy)", StringComparison.Ordinal) => style.Bad(status),
        _ when status.StartsWith("running", StringComparison.Ordinal) => style.Good(status),
        _ when status.StartsWith("exited", StringComparison.Ordinal) && !status.StartsWith("exited (0)", StringComparison.Ordinal) => style.Bad(status),
        "paused" or "stopping" => style.Warning(status),
        _ => status,
    };

    private static ContainerState State(string text) =>
        Enum.GetValues<ContainerState>().FirstOrDefault(s => s != ContainerState.Unspecified && ViewOf.State(s) == text) is var state and not ContainerState.Unspecified
            ? state
            : throw QuiltException.Invalid("--filter", $"there is no state '{text}'", "use created, running, paused, stopping, exited or removing");
}
