using System.CommandLine;
using Quilt.Core;

namespace Quilt.Cli;

internal sealed class SaveCommand : CliCommand
{
    private readonly Argument<string[]> _images;
    private readonly Option<string?> _output;

    internal SaveCommand()
        : base("save", "Write images to an archive")
    {
        _images = Words("IMAGE");
        _output = Value("FILE", "Write it here (else to stdout, where that is no terminal)", "--output", "-o");
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
        string? file = call.Get(_output);
        if (file is null && call.Streams.IsTerminal)
        {
            throw QuiltException.Invalid("--output", "an archive is nothing for a terminal", "give a file with -o, or send stdout to one");
        }

        ToolAnswer answer = await ToolCall.RunAsync(call, "saveImage", new ToolArguments().Add("images", call.Get(_images)!));
        string id = answer["downloadId"].Text;
        if (file is null)
        {
            await Transfer.DownloadAsync(call.Daemon, id, call.Streams.OutBytes);
            return 0;
        }

        await Transfer.DownloadAsync(call.Daemon, id, file, "--output");
        return 0;
    }
}
