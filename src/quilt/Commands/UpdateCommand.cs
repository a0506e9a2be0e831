using System.CommandLine;
using Quilt.Core;

namespace Quilt.Cli;

internal sealed class UpdateCommand : ToolCommand
{
    private readonly Argument<string> _container;
    private readonly LimitOptions _limits;
    private readonly Option<string?> _disk;

    internal UpdateCommand()
        : base("update", "Change what a container may use, while it runs")
    {
        _container = Word("CONTAINER");
        _limits = new LimitOptions(this);
        _disk = Value("SIZE", "Let its disk grow to this, by itself: it cannot be taken back", "--disk");
    }

    internal override string Usage => "[--memory SIZE] [--cpus N] [--pids N] [OPTIONS] CONTAINER";

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

    internal override ToolArguments ArgumentsOf(Invocation call)
    {
        ToolArguments arguments = new ToolArguments().Add("container", call.Get(_container)).Add("disk", call.Get(_disk));
        return call.Get(_disk) is not null && !_limits.IsGiven(call) ? arguments : _limits.AddTo(arguments, call);
    }

    internal override void Write(TextWriter to, Style style, ToolAnswer answer, DateTimeOffset now)
    {
        TextTable table = new("LIMIT", "BEFORE", "AFTER");
        foreach ((string name, ToolAnswer value) in answer["after"].Fields)
        {
            string before = Text(name, answer["before"][name]), after = Text(name, value);
            if (before != after)
            {
                table.Add(name, before, after);
            }
        }

        table.Write(to, style);
        if (answer["inForce"].Text == "false")
        {
            to.WriteLine("It does not run: they hold from its next start on.");
        }
    }

    private static string Text(string name, ToolAnswer value) =>
        name is "memory" or "memoryHigh" or "swap" && long.TryParse(value.Text, out long bytes) ? new ByteSize(bytes).ToString() : value.IsThere ? value.Text : "as usual";
}
