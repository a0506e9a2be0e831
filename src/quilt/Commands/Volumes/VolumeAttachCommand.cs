using System.CommandLine;
using Quilt.Core;

namespace Quilt.Cli;

internal sealed class VolumeAttachCommand : ToolCommand
{
    private readonly Argument<string> _container, _volume;

    internal VolumeAttachCommand()
        : base("volume attach", "Give a container a volume, at once, also while it runs")
    {
        _container = Word("CONTAINER");
        _volume = Word("VOLUME:PATH[:ro]");
    }

    internal override string Usage => "CONTAINER VOLUME:PATH[:ro]";

    internal override string Details => "It is there again at each start of the container, until 'quilt volume detach'.";

    internal override IReadOnlyList<Example> Examples =>
    [
        new("quilt volume attach web data:/data", "To read and write"),
        new("quilt volume attach web data:/data:ro", "To be read alone"),
    ];

    internal override ArgumentKind Completes => ArgumentKind.Container;

    protected override string Tool => "attachVolume";

    internal override ToolArguments ArgumentsOf(Invocation call)
    {
        Api.V1.Mount mount = Read(call.Get(_volume)!);
        return new ToolArguments()
            .Add("container", call.Get(_container)).Add("volume", mount.Volume).Add("path", mount.Path).Add("readOnly", mount.ReadOnly, unless: false);
    }

    private static Api.V1.Mount Read(string text)
    {
        const string field = "VOLUME:PATH";
        return MountOptions.TryReadVolume(text) switch
        {
            null => throw QuiltException.Invalid(field, $"{field} '{text}' is no volume and path", "give NAME:/path or NAME:/path:ro"),
            { Volume.Length: 0 } => throw QuiltException.Invalid(
                field, $"{field} '{text}' names a path of the host, and only volumes can be attached to a container that is there", "give a volume's NAME:/path; paths of the host are given to 'quilt create' or 'quilt run' with -v"),
            { } volume => volume,
        };
    }

    internal override void Write(TextWriter to, Style style, ToolAnswer answer, DateTimeOffset now) => to.WriteLine(answer["path"].Text);
}
