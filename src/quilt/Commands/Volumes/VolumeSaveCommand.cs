using System.CommandLine;

namespace Quilt.Cli;

internal sealed class VolumeSaveCommand : CliCommand
{
    private readonly Argument<string> _volume;
    private readonly ArchiveOutput _output;

    internal VolumeSaveCommand()
        : base("volume save", "Write what is in a volume to an archive")
    {
        _volume = Word("VOLUME");
        _output = new ArchiveOutput(this);
    }

    internal override string Usage => "[-o FILE] VOLUME";

    internal override string Details => "A tar archive with owners, permissions, times and links. Stop or pause what writes to it first, where that matters.";

    internal override IReadOnlyList<Example> Examples => [new("quilt volume save -o data.tar data", "To a file"), new("quilt volume save data | ssh host quilt volume load data", "To another host")];

    internal override async Task<int> RunAsync(Invocation call)
    {
        await _output.FetchAsync(call, "saveVolume", new ToolArguments().Add("volume", call.Get(_volume)));
        return 0;
    }
}
