using System.CommandLine;

namespace Quilt.Cli;

internal sealed class VolumeRemoveCommand : ToolCommand
{
    private readonly Argument<string> _volume;

    internal VolumeRemoveCommand()
        : base("volume rm", "Remove a volume with all that is in it") => _volume = Word("VOLUME");

    internal override string Usage => "VOLUME";

    internal override string Details => "One that a container has, in whatever state, is not removed.";

    internal override IReadOnlyList<Example> Examples => [new("quilt volume rm data", "One that no container has")];

    protected override string Tool => "removeVolume";

    internal override ToolArguments ArgumentsOf(Invocation call) => new ToolArguments().Add("volume", call.Get(_volume));

    internal override void Write(TextWriter to, Style style, ToolAnswer answer, DateTimeOffset now) => to.WriteLine(answer["volume"]["name"].Text);
}
