using System.CommandLine;

namespace Quilt.Cli;

internal sealed class CommitCommand : ToolCommand
{
    private readonly Argument<string> _container, _reference;
    private readonly Option<string[]> _change;
    private readonly Option<string?> _message, _author;
    private readonly Option<bool> _running;

    internal CommitCommand()
        : base("commit", "Make an image of what a container has changed", "Print the digest alone")
    {
        _container = Word("CONTAINER");
        _reference = Word("REFERENCE");
        _change = Values("INSTRUCTION", "How its containers run, as in a Dockerfile, such as 'CMD [\"bash\"]'", "--change", "-c");
        _message = Value("TEXT", "Kept in its history", "--message", "-m");
        _author = Value("NAME", "Kept in the image", "--author", "-a");
        _running = Flag("Do not pause it meanwhile: what it writes then may be half in the image", "--no-pause");
    }

    internal override string Usage => "[--change INSTRUCTION]... [--message TEXT] [--author NAME] [--no-pause] [-q] CONTAINER REFERENCE";

    internal override string Details => "Command, environment, user and folder are those of the image that the container was made of, unless --change says otherwise. What lies on volumes and other mounts is not in it.";

    internal override IReadOnlyList<Example> Examples => [new("quilt commit -c 'CMD [\"/srv/run\"]' dev app:1", "With another command")];

    internal override ArgumentKind Completes => ArgumentKind.Container;

    protected override string Tool => "commitContainer";

    internal override ToolArguments ArgumentsOf(Invocation call) => new ToolArguments()
        .Add("container", call.Get(_container)).Add("reference", call.Get(_reference)).Add("changes", call.Get(_change) ?? []).Add("message", call.Get(_message))
        .Add("author", call.Get(_author)).Add("pause", !call.Get(_running), unless: true);

    protected override IEnumerable<string> Ids(ToolAnswer answer) => [answer["image"]["digest"].Text];

    internal override void Write(TextWriter to, Style style, ToolAnswer answer, DateTimeOffset now) => ImageRows.WriteNames(to, [answer["image"]]);
}
