using System.CommandLine;

namespace Quilt.Cli;

internal sealed class TokenListCommand : ToolCommand
{
    private readonly Argument<string?> _agent;

    internal TokenListCommand()
        : base("agent token ls", "List tokens, without what makes them work", "Print ids alone") => _agent = OptionalWord("AGENT");

    internal override string Usage => "[-q] [AGENT]";

    internal override IReadOnlyList<Example> Examples => [new("quilt agent token ls helper", "When they were made, used, and will end")];

    internal override ArgumentKind Completes => ArgumentKind.Agent;

    protected override string Tool => "listTokens";

    internal override ToolArguments ArgumentsOf(Invocation call) => new ToolArguments().Add("agent", call.Get(_agent));

    protected override IEnumerable<string> Ids(ToolAnswer answer) => answer["tokens"].Items.Select(t => t["tokenId"].Text);

    internal override void Write(TextWriter to, Style style, ToolAnswer answer, DateTimeOffset now)
    {
        TextTable table = new("TOKEN ID", "AGENT", "STATE", "CREATED", "LAST USED", "EXPIRES");
        foreach (ToolAnswer token in answer["tokens"].Items)
        {
            table.Add(
                token["tokenId"].Text, token["agent"].Text, token["revoked"].Text == "true" ? "revoked" : "good",
                token["createdAt"].When(now), token["lastUsedAt"].When(now), token["expiresAt"].When(now));
        }

        table.Write(to, style);
    }
}
