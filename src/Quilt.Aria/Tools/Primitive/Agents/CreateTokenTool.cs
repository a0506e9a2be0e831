using System.ComponentModel;
using Quilt.Core;

namespace Quilt.Aria;

public sealed record CreateTokenArguments
{
    [Description("An agent below you: its id, or its name from you on.")]
    public required string Agent { get; init; }

    [Description("It ends that long from now. Left out: never.")]
    public TimeSpan? Ttl { get; init; }
}

public sealed record CreateTokenResult
{
    public required string TokenId { get; init; }

    [Description("Told now and never again. Whoever has it is the agent.")]
    public required string Token { get; init; }
    public DateTimeOffset? ExpiresAt { get; init; }
}

/// <summary>See <see cref="TokenStore.Create"/>.</summary>
public sealed class CreateTokenTool(AgentRegistry agents, TokenStore tokens) : Tool<CreateTokenArguments, CreateTokenResult>
{
    public override ToolDefinition Definition { get; } = new("createToken")
    {
        AnswersSecret = true,
        Title = "Create a token",
        Description = "Makes another token of an agent below you. For less than the agent may, delegate with createAgent instead.",
        Example = """{"agent": "tester", "ttl": "1h"}""",
    };

    protected override Task<CreateTokenResult> RunAsync(CreateTokenArguments arguments, ToolContext context, CancellationToken cancellation)
    {
        Agent agent = agents.Find(arguments.Agent, context.Caller.Agent);
        if (agent.Id == context.Caller.Agent.Id)
        {
            // A token that ends must not make one that does not.
            throw QuiltException.Invalid("agent", "an agent cannot make tokens of itself", "delegate with createAgent, or ask the one that delegated to you");
        }

        (Token token, string secret) = tokens.Create(agent, BeginSessionTool.Time("ttl", arguments.Ttl));
        return Task.FromResult(new CreateTokenResult { TokenId = token.Id, Token = secret, ExpiresAt = token.ExpiresAt });
    }
}
