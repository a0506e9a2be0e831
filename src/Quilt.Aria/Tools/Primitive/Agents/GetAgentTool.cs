using System.ComponentModel;

namespace Quilt.Aria;

public sealed record GetAgentArguments
{
    [Description("An agent below you: its id, or its name from you on. Left out: you.")]
    public string? Agent { get; init; }
}

public sealed record GetAgentResult
{
    public required AgentView Agent { get; init; }

    [Description("As it was given. What it may do is limited by those above it too.")]
    public required AgentConfig Config { get; init; }
}

/// <summary>See <see cref="AgentRegistry.Find"/>.</summary>
public sealed class GetAgentTool(AgentRegistry agents, Quotas quotas) : Tool<GetAgentArguments, GetAgentResult>
{
    public override ToolDefinition Definition { get; } = new("getAgent")
    {
        Title = "Get an agent",
        Description = "Who you are and what you may do, or the same of an agent below you.",
        Level = SecurityLevel.Safe,
        Idempotent = true,
    };

    protected override Task<GetAgentResult> RunAsync(GetAgentArguments arguments, ToolContext context, CancellationToken cancellation)
    {
        Agent agent = agents.Find(arguments.Agent ?? "", context.Caller.Agent);
        return Task.FromResult(new GetAgentResult { Agent = AgentView.Of(agent, context.Caller.Agent, quotas), Config = agent.Config });
    }
}
