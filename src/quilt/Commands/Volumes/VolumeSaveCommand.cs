using System.CommandLine;
using Quilt.Core;

namespace Quilt.Cli;

internal sealed class VolumeSaveCommand : CliCommand
{
    private readonly Argument<string> _volume;
    private readonly Option<string?> _output;

    internal VolumeSaveCommand()
        : base("volume save", "Write what is in a volume to an archive")
    {
        _volume = Word("VOLUME");
        _output = Value("FILE", "Write it here (else to stdout, where that is no terminal)", "--output", "-o");
    }

    internal override string Usage => "[-o FILE] VOLUME";

    internal override string Details => "A tar archive with owners, permissions, times and links. Stop or pause what writes to it first, where that matters.";

    internal override IReadOnlyList<Example> Examples => [new("quilt volume save -o data.tar data", "To a file"), new("quilt volume save data | ssh host quilt volume load data", "To another host")];

    internal override async Task<int> RunAsync(Invocation call)
    {
        string? file = call.Get(_output);
        if (file is null && call.Streams.IsTerminal)
        {
            throw QuiltException.Invalid("--output", "an archive is nothing for a terminal", "give a file with -o, or send stdout to one");
        }

        ToolAnswer answer = await ToolCall.RunAsync(call, "saveVolume", new ToolArguments().Add("volume", call.Get(_volume)));
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
