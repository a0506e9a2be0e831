using System.ComponentModel;

namespace Quilt.Aria;

public sealed record RevokeTokenArguments
{
    [Description("See listTokens.")]
    public required string TokenId { get; init; }
}

public sealed record RevokeTokenResult
{
    public required string TokenId { get; init; }
    public required bool Revoked { get; init; }
}

/// <summary>See <see cref="TokenStore.Revoke"/>.</summary>
public sealed class RevokeTokenTool(TokenStore tokens) : Tool<RevokeTokenArguments, RevokeTokenResult>
{
    public override ToolDefinition Definition { get; } = new("revokeToken")
    {
        Title = "Revoke a token",
        Description = "Ends a token of yours or of an agent below you, from the next call on. It cannot be undone.",
        Example = """{"tokenId": "0123456789ab"}""",
        Destructive = true,
        Idempotent = true,
    };

    protected override Task<RevokeTokenResult> RunAsync(RevokeTokenArguments arguments, ToolContext context, CancellationToken cancellation)
    {
        Token token = tokens.Revoke(arguments.TokenId, t => context.Caller.Has(t.Agent));
        return Task.FromResult(new RevokeTokenResult { TokenId = token.Id, Revoked = token.Revoked });
    }
}
