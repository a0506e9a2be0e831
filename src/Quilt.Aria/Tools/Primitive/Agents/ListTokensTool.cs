using System.ComponentModel;

namespace Quilt.Aria;

public sealed record TokenView
{
    public required string TokenId { get; init; }

    [Description("Its agent's id.")]
    public required string Agent { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }
    public DateTimeOffset? ExpiresAt { get; init; }
    public required bool Revoked { get; init; }

    [Description("To a minute.")]
    public DateTimeOffset? LastUsedAt { get; init; }
}

public sealed record ListTokensResult
{
    public required IReadOnlyList<TokenView> Tokens { get; init; }
}

/// <summary>Never the tokens themselves, which nobody has but their agents.</summary>
public sealed class ListTokensTool(AgentRegistry agents, TokenStore tokens) : Tool<GetAgentArguments, ListTokensResult>
{
    public override ToolDefinition Definition { get; } = new("listTokens")
    {
        Title = "List tokens",
        Description = "The tokens of an agent below you, or your own: their ids, times, and whether they are revoked; never the tokens themselves.",
        Level = SecurityLevel.Safe,
        Idempotent = true,
    };

    protected override Task<ListTokensResult> RunAsync(GetAgentArguments arguments, ToolContext context, CancellationToken cancellation) => Task.FromResult(new ListTokensResult
    {
        Tokens = [.. tokens.Of(agents.Find(arguments.Agent ?? "", context.Caller.Agent)).Select(t => new TokenView
        {
            TokenId = t.Id, Agent = t.Agent, CreatedAt = t.CreatedAt, ExpiresAt = t.ExpiresAt, Revoked = t.Revoked, LastUsedAt = t.UsedAt,
        })],
    });
}
