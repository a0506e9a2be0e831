using System.CommandLine;

namespace Quilt.Cli;

internal sealed class VolumePruneCommand : ToolCommand
{
    private readonly Option<string[]> _label;
    private readonly Option<bool> _force;

    internal VolumePruneCommand()
        : base("volume prune", "Remove the volumes that no container has")
    {
        _label = Values("KEY[=VALUE]", "Only those with this label", "--label", "-l");
        _force = Flag("Do not ask", "--force", "-f");
    }

    internal override string Usage => "[-l KEY=VALUE]... [-f]";

    internal override string Details => "With all that is in them, those with a name too. It asks first, unless -f says not to; without a terminal it wants -f.";

    internal override IReadOnlyList<Example> Examples => [new("quilt volume prune -f -l stage=test", "Only those with a label, without asking")];

    internal override async Task<int> RunAsync(Invocation call) =>
        call.Get(_force) || Confirmation.Given(call, $"Remove all volumes {(call.Get(_label) is { Length: > 0 } labels ? $"with {string.Join(" and ", labels)} " : "")}that no container has") ? await base.RunAsync(call) : 1;

    protected override string Tool => "pruneVolumes";

    internal override ToolArguments ArgumentsOf(Invocation call) => new ToolArguments()
        .Add("labels", KeyValues.Wanted(call.Get(_label)));

    internal override void Write(TextWriter to, Style style, ToolAnswer answer, DateTimeOffset now)
    {
        foreach (ToolAnswer name in answer["removed"].Items)
        {
            to.WriteLine(name.Text);
        }
    }
}
