using System.CommandLine;

namespace Quilt.Cli;

internal sealed class VolumeDetachCommand : ToolCommand
{
    private readonly Argument<string> _container, _volume;
    private readonly Option<string?> _path;
    private readonly Option<bool> _force;

    internal VolumeDetachCommand()
        : base("volume detach", "Take a volume out of a container, at once, also while it runs")
    {
        _container = Word("CONTAINER");
        _volume = Word("VOLUME");
        _path = Value("PATH", "Where, if the container has it at several paths", "--path");
        _force = Flag("Also where processes use it: they go on with what they have open", "--force", "-f");
    }

    internal override string Usage => "[-f] [--path PATH] CONTAINER VOLUME";

    internal override IReadOnlyList<Example> Examples => [new("quilt volume detach web data", "Refused where processes use it, and by which")];

    internal override ArgumentKind Completes => ArgumentKind.Container;

    protected override string Tool => "detachVolume";

    internal override ToolArguments ArgumentsOf(Invocation call) => new ToolArguments()
        .Add("container", call.Get(_container)).Add("volume", call.Get(_volume)).Add("path", call.Get(_path)).Add("force", call.Get(_force), unless: false);

    internal override void Write(TextWriter to, Style style, ToolAnswer answer, DateTimeOffset now) => to.WriteLine(answer["path"].Text);
}
