using System.CommandLine;

namespace Quilt.Cli;

internal sealed class PushCommand : ToolCommand
{
    private readonly Argument<string> _image;
    private readonly Argument<string?> _reference;
    private readonly Option<string?> _secret;

    internal PushCommand()
        : base("push", "Bring an image to a registry", "Print the digest alone")
    {
        _image = Word("IMAGE");
        _reference = OptionalWord("REFERENCE");
        _secret = Value("NAME", RegistryLogin.SecretHelp, "--secret");
    }

    internal override string Usage => "[--secret NAME] [-q] IMAGE [REFERENCE]";

    internal override string Details => "Without REFERENCE it goes where its own name says. Layers that the registry has already are not sent.";

    internal override IReadOnlyList<Example> Examples =>
    [
        new("quilt push registry.example:5000/team/app:1", "To the registry of its own name"),
        new("quilt push app:1 registry.example:5000/team/app:1", "Under another name, without a tag here"),
    ];

    internal override ArgumentKind Completes => ArgumentKind.Image;

    protected override string Tool => "pushImage";

    internal override ToolArguments ArgumentsOf(Invocation call) => new ToolArguments()
        .Add("image", call.Get(_image)).Add("reference", call.Get(_reference));

    protected override async Task<ToolArguments> CompleteAsync(Invocation call, ToolArguments arguments) =>
        arguments.Add("credentials", await RegistryLogin.ForAsync(call.Get(_reference) ?? call.Get(_image)!, call.Get(_secret)));

    protected override IEnumerable<string> Ids(ToolAnswer answer) => [answer["digest"].Text];

    internal override void Write(TextWriter to, Style style, ToolAnswer answer, DateTimeOffset now) =>
        to.WriteLine($"{answer["reference"].Text}  {answer["digest"].Text}  {ImageRows.Size(answer["bytes"])} sent");
}
