using System.CommandLine;

namespace Quilt.Cli;

internal sealed class VolumeListCommand : ToolCommand
{
    private readonly Option<string[]> _label;
    private readonly Option<string?> _name;
    private readonly Option<bool> _unused;

    internal VolumeListCommand()
        : base("volume ls", "List the volumes", "Print their ids alone")
    {
        _label = Values("KEY[=VALUE]", "Only those with this label", "--label", "-l");
        _name = Value("TEXT", "Only those with this in their name", "--name");
        _unused = Flag("Only those that no container has", "--unused");
    }

    internal override string Usage => "[-l KEY=VALUE]... [--name TEXT] [--unused] [-q]";

    internal override IReadOnlyList<Example> Examples => [new("quilt volume ls", "Each with the containers that have it")];

    protected override string Tool => "listVolumes";

    internal override ToolArguments ArgumentsOf(Invocation call) => new ToolArguments()
        .Add("name", call.Get(_name))
        .Add("labels", KeyValues.Wanted(call.Get(_label)))
        .Add("unused", call.Get(_unused), unless: false);

    protected override IEnumerable<string> Ids(ToolAnswer answer) => answer["volumes"].Items.Select(v => v["id"].Text);

    internal override void Write(TextWriter to, Style style, ToolAnswer answer, DateTimeOffset now) => VolumeRows.Write(to, style, answer["volumes"].Items, now);
}
