using System.CommandLine;
using Quilt.Core;

namespace Quilt.Cli;

internal sealed class UpdateCommand : ToolOnEachCommand
{
    private readonly LimitOptions _limits;
    private readonly Option<string?> _disk;

    internal UpdateCommand()
        : base("update", "Change what containers may use, while they run", "CONTAINER")
    {
        _limits = new LimitOptions(this);
        _disk = Value("SIZE", "Let its disk grow to this, by itself: it cannot be taken back", "--disk");
    }

    internal override string Usage => "[--memory SIZE] [--cpus N] [--pids N] [OPTIONS] CONTAINER…";

    internal override string Details =>
        """
        All that is given changes at once, or nothing of it; what is not given stays as it is, and 0 is as usual. It holds for
        later starts too. Less than is in use is refused, with the figure.
        """;

    internal override IReadOnlyList<Example> Examples =>
    [
        new("quilt update --memory 2GiB --cpus 1.5 web", "More of both, at once"),
        new("quilt update --io read-bps=10MiB,write-bps=10MiB web", "Spare the disk that containers are on"),
        new("quilt update --cpus 0 --io '' web", "No such limits any more"),
    ];

    internal override ArgumentKind Completes => ArgumentKind.Container;

    protected override string Tool => "setResourceLimits";

    protected override ToolArguments ArgumentsOf(Invocation call, string thing)
    {
        ToolArguments arguments = new ToolArguments().Add("container", thing).Add("disk", call.Get(_disk));
        return _limits.IsGiven(call) || call.Get(_disk) is not null
            ? _limits.AddTo(arguments, call)
            : throw QuiltException.Invalid("limits", "no limit is given to change", $"give one or more of {string.Join(", ", _limits.Names)}; or {_disk.Name}");
    }

    protected override string? Heading(string thing) => thing;

    internal override void Write(TextWriter to, Style style, ToolAnswer answer, DateTimeOffset now)
    {
        TextTable table = new("LIMIT", "BEFORE", "AFTER");
        bool any = false;
        foreach ((string name, ToolAnswer value) in answer["after"].Fields)
        {
            string before = Text(name, answer["before"][name]), after = Text(name, value);
            if (before != after)
            {
                table.Add(name, before, after);
                any = true;
            }
        }

        if (any)
        {
            table.Write(to, style);
        }
        else
        {
            to.WriteLine("Nothing changes: these limits are as they were.");
        }

        if (answer["inForce"].Text == "false")
        {
            to.WriteLine("It does not run: they hold from its next start on.");
        }
    }

    private static string Text(string name, ToolAnswer value) => name switch
    {
        "memory" or "memoryHigh" or "swap" when Number(value) is var bytes and > 0 => new ByteSize(bytes).ToString(),
        "swap" when value.Text == "0" => "none",
        "pids" when value.IsThere => LimitText.Pids(Number(value)),
        "io" when value.Items.Any() => string.Join(", ", value.Items.Select(
            l => LimitText.Io(l["device"].Text, (Number(l["readBps"]), Number(l["readIops"])), (Number(l["writeBps"]), Number(l["writeIops"]))))),
        "hugepages" when value.Items.Any() => string.Join(", ", value.Items.Select(h => $"{h["size"].Text}: {new ByteSize(Number(h["limit"]))}")),
        _ => value is { IsThere: true, Text: not ("" or "0") } ? value.Text : "as usual",
    };

    /// <summary>0 where it is none.</summary>
    private static long Number(ToolAnswer value) => long.TryParse(value.Text, out long number) ? number : 0;
}
