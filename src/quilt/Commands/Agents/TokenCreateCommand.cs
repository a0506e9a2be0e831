using System.CommandLine;

namespace Quilt.Cli;

internal sealed class TokenCreateCommand : ToolCommand
{
    private readonly Argument<string?> _agent;
    private readonly Option<string?> _ttl;

    internal TokenCreateCommand()
        : base("agent token create", "Make another token for an agent", "Print the token alone")
    {
        _agent = OptionalWord("AGENT");
        _ttl = Value("DURATION", "How long it holds, such as 12h", "--ttl");
    }

    internal override string Usage => "[--ttl DURATION] [-q] [AGENT]";

    internal override string Details => "The token is shown this once and kept nowhere in plain. Without AGENT, for the one that our own token names.";

    internal override IReadOnlyList<Example> Examples => [new("quilt agent token create --ttl 1h -q helper", "For an hour's work")];

    internal override ArgumentKind Completes => ArgumentKind.Agent;

    protected override string Tool => "createToken";

    internal override ToolArguments ArgumentsOf(Invocation call) => new ToolArguments().Add("agent", call.Get(_agent)).Add("ttl", call.Get(_ttl));

    protected override IEnumerable<string> Ids(ToolAnswer answer) => [answer["token"].Text];

    internal override void Write(TextWriter to, Style style, ToolAnswer answer, DateTimeOffset now) => new FieldList()
        .Add("id", answer["tokenId"].Text)
        .Add("expires", answer["expiresAt"].When(now))
        .Add("token", answer["token"].Text)
        .Write(to, style);
}
