using System.CommandLine;

namespace Quilt.Cli;

internal sealed class ImportCommand : CliCommand
{
    private readonly Argument<string> _file, _reference;
    private readonly Option<string[]> _change;
    private readonly Option<string?> _message;

    internal ImportCommand()
        : base("import", "Make an image of a root filesystem's archive")
    {
        _file = Word("FILE");
        _reference = Word("REFERENCE");
        _change = Values("INSTRUCTION", "How its containers run, as in a Dockerfile, such as 'CMD [\"bash\"]'", "--change", "-c");
        _message = Value("TEXT", "Kept in its history", "--message", "-m");
    }

    internal override string Usage => "[--change INSTRUCTION]... [--message TEXT] FILE|- REFERENCE";

    internal override IReadOnlyList<Example> Examples =>
    [
        new("quilt import -c 'CMD [\"bash\"]' rootfs.tar.zst debian:mine", "What mmdebstrap, debootstrap or 'docker export' wrote"),
    ];

    internal override async Task<int> RunAsync(Invocation call)
    {
        string upload = await ArchiveInput.UploadAsync(call, call.Get(_file) is "-" ? null : call.Get(_file), "FILE");
        ToolAnswer answer = await ToolCall.RunAsync(call, "importImage", new ToolArguments()
            .Add("archive", new ToolArguments().Add("upload", upload)).Add("reference", call.Get(_reference)).Add("changes", call.Get(_change) ?? []).Add("message", call.Get(_message)));
        if (call.Json)
        {
            call.Out.WriteLine(answer.Indented);
        }
        else
        {
            ImageRows.WriteNames(call.Out, [answer["image"]]);
        }

        return 0;
    }
}
