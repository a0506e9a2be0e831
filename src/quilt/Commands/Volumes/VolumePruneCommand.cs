using System.CommandLine;

namespace Quilt.Cli;

internal sealed class VolumePruneCommand : ToolCommand
{
    private readonly Option<string[]> _label;

    internal VolumePruneCommand()
        : base("volume prune", "Remove the volumes that no container has") => _label = Values("KEY[=VALUE]", "Only those with this label", "--label", "-l");

    internal override string Usage => "[-l KEY=VALUE]...";

    internal override IReadOnlyList<Example> Examples => [new("quilt volume prune -l stage=test", "Only those with a label")];

    protected override string Tool => "pruneVolumes";

    internal override ToolArguments ArgumentsOf(Invocation call) => new ToolArguments()
        .Add("labels", KeyValues.Labels(call.Get(_label)));

    internal override void Write(TextWriter to, Style style, ToolAnswer answer, DateTimeOffset now)
    {
        foreach (ToolAnswer name in answer["removed"].Items)
        {
            to.WriteLine(name.Text);
        }
    }
}
