using System.CommandLine;

namespace Quilt.Cli;

internal sealed class ImportCommand : ToolCommand
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

    protected override string Tool => "importImage";

    internal override ToolArguments ArgumentsOf(Invocation call) => new ToolArguments()
        .Add("reference", call.Get(_reference)).Add("changes", call.Get(_change) ?? []).Add("message", call.Get(_message));

    protected override Task<ToolArguments> CompleteAsync(Invocation call, ToolArguments arguments) =>
        ArchiveInput.AddAsync(call, arguments, call.Get(_file) is "-" ? null : call.Get(_file), "FILE");

    internal override void Write(TextWriter to, Style style, ToolAnswer answer, DateTimeOffset now) => ImageRows.WriteNames(to, [answer["image"]]);
}
