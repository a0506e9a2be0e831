
namespace Quilt.Aria;

public sealed record ListAgentsResult
{
    public required IReadOnlyList<AgentView> Agents { get; init; }
}

/// <summary>Those below the caller.</summary>
public sealed class ListAgentsTool(AgentRegistry agents, Quotas quotas) : Tool<NoArguments, ListAgentsResult>
{
    public override ToolDefinition Definition { get; } = new("listAgents")
    {
        Title = "List agents",
        Description = "The agents that you delegated to, and theirs, with what they may have and what they have.",
        Level = SecurityLevel.Safe,
        Idempotent = true,
    };

    protected override Task<ListAgentsResult> RunAsync(NoArguments arguments, ToolContext context, CancellationToken cancellation)
    {
        Agent caller = context.Caller.Agent;
        return Task.FromResult(new ListAgentsResult
        {
            Agents = [.. agents.All().Where(a => a.Id != caller.Id && a.IsWithin(caller) && agents.TryGet(a.Id) is not null).OrderBy(a => a.Path, StringComparer.Ordinal).Select(a => AgentView.Of(a, caller, quotas))],
        });
    }
}
