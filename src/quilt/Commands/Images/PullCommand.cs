using System.CommandLine;

namespace Quilt.Cli;

internal sealed class PullCommand : ToolCommand
{
    private readonly Argument<string> _reference;
    private readonly Option<string?> _platform, _policy, _secret;

    internal PullCommand()
        : base("pull", "Get an image from a registry", "Print the digest alone")
    {
        _reference = Word("REFERENCE");
        _platform = Value("OS/ARCH", "For this platform, such as linux/arm64 (else the host's)", "--platform");
        _policy = Value("POLICY", "always asks the registry whether there is another by that name (default); missing does not where one is here; newer takes what is here where the registry cannot be reached", "--policy");
        _secret = Value("NAME", RegistryLogin.SecretHelp, "--secret");
    }

    internal override string Usage => "[--platform OS/ARCH] [--policy POLICY] [--secret NAME] [-q] REFERENCE";

    internal override string Details => "Who you are to the registry is read from ~/.docker/config.json, where 'quilt login' and others of its kind keep it.";

    internal override IReadOnlyList<Example> Examples =>
    [
        new("quilt pull debian:12", "From Docker Hub"),
        new("quilt pull registry.example:5000/team/app@sha256:…", "From another registry, exactly this one"),
    ];

    protected override string Tool => "pullImage";

    internal override ToolArguments ArgumentsOf(Invocation call) => new ToolArguments()
        .Add("reference", call.Get(_reference)).Add("platform", call.Get(_platform)).Add("policy", call.Get(_policy));

    protected override async Task<ToolArguments> CompleteAsync(Invocation call, ToolArguments arguments) =>
        arguments.Add("credentials", await RegistryLogin.ForAsync(call.Get(_reference)!, call.Get(_secret)));

    protected override IEnumerable<string> Ids(ToolAnswer answer) => [answer["image"]["digest"].Text];

    internal override void Write(TextWriter to, Style style, ToolAnswer answer, DateTimeOffset now) => to.WriteLine(
        $"{answer["image"]["reference"].Text}  {answer["image"]["digest"].Text}  {(answer["isNew"].Text == "true" ? $"{ImageRows.Size(answer["bytes"])} fetched" : "is up to date")}");
}
