using System.CommandLine;

namespace Quilt.Cli;

internal sealed class SaveCommand : CliCommand
{
    private readonly Argument<string[]> _images;
    private readonly ArchiveOutput _output;

    internal SaveCommand()
        : base("save", "Write images to an archive")
    {
        _images = Words("IMAGE");
        _output = new ArchiveOutput(this);
    }

    internal override string Usage => "[-o FILE] IMAGE...";

    internal override string Details => "The archive is an OCI image layout that docker and podman load too.";

    internal override IReadOnlyList<Example> Examples =>
    [
        new("quilt save -o app.tar app:1", "To a file"),
        new("quilt save app:1 | ssh host quilt load", "To another host"),
    ];

    internal override ArgumentKind Completes => ArgumentKind.Image;

    internal override async Task<int> RunAsync(Invocation call)
    {
        await _output.FetchAsync(call, "saveImage", new ToolArguments().Add("images", call.Get(_images)!));
        return 0;
    }
}
