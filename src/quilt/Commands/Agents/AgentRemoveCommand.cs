using System.CommandLine;

namespace Quilt.Cli;

internal sealed class AgentRemoveCommand : ToolCommand
{
    private readonly Argument<string> _agent;
    private readonly Option<bool> _force;

    internal AgentRemoveCommand()
        : base("agent rm", "Remove an agent and revoke its tokens")
    {
        _agent = Word("AGENT");
        _force = Flag("Remove its containers too, also those that run", "--force", "-f");
    }

    internal override string Usage => "[-f] AGENT";

    internal override IReadOnlyList<Example> Examples => [new("quilt agent rm -f helper", "With all that is its own")];

    internal override ArgumentKind Completes => ArgumentKind.Agent;

    protected override string Tool => "removeAgent";

    internal override ToolArguments ArgumentsOf(Invocation call) => new ToolArguments().Add("agent", call.Get(_agent)).Add("force", call.Get(_force), unless: false);

    internal override void Write(TextWriter to, Style style, ToolAnswer answer, DateTimeOffset now) => new FieldList()
        .Add("agent", answer["agent"]["name"].IsThere ? answer["agent"]["name"].Text : answer["agent"].Text)
        .Add("removed containers", answer["removedContainers"].Text)
        .Add("revoked tokens", answer["revokedTokens"].Text)
        .Write(to, style);
}
