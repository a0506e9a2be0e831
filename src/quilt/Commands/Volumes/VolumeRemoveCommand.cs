namespace Quilt.Cli;

internal sealed class VolumeRemoveCommand : ToolOnEachCommand
{
    internal VolumeRemoveCommand()
        : base("volume rm", "Remove volumes with all that is in them", "VOLUME")
    {
    }

    internal override string Usage => "VOLUME…";

    internal override string Details => "One that a container has, in whatever state, is not removed.";

    internal override IReadOnlyList<Example> Examples => [new("quilt volume rm data cache", "Two that no container has")];

    protected override string Tool => "removeVolume";

    protected override ToolArguments ArgumentsOf(Invocation call, string thing) => new ToolArguments().Add("volume", thing);

    internal override void Write(TextWriter to, Style style, ToolAnswer answer, DateTimeOffset now) => to.WriteLine(answer["volume"]["name"].Text);
}
