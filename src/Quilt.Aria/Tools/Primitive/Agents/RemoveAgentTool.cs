using System.ComponentModel;
using Quilt.Core;

namespace Quilt.Aria;

public sealed record RemoveAgentArguments
{
    [Description("An agent below you: its id, or its name from you on.")]
    public required string Agent { get; init; }

    [Description("Also where it has containers: they are stopped and removed.")]
    [DefaultValue(false)]
    public bool Force { get; init; }
}

public sealed record RemoveAgentResult
{
    [Description("Its id.")]
    public required string Agent { get; init; }

    [Description("Ids of the containers that went with it.")]
    public required IReadOnlyList<string> RemovedContainers { get; init; }
    public required int RevokedTokens { get; init; }
}

/// <summary>See <see cref="AgentRemoval"/>.</summary>
public sealed class RemoveAgentTool(AgentRegistry agents, AgentRemoval removal) : Tool<RemoveAgentArguments, RemoveAgentResult>
{
    public override ToolDefinition Definition { get; } = new("removeAgent")
    {
        Title = "Remove an agent",
        Description = "Takes an agent below you away, with the agents below it: their tokens end at once, then their sessions. With containers left it needs force, which stops and removes them.",
        Example = """{"agent": "tester", "force": true}""",
        Destructive = true,
    };

    protected override async Task<RemoveAgentResult> RunAsync(RemoveAgentArguments arguments, ToolContext context, CancellationToken cancellation)
    {
        Agent agent = agents.Find(arguments.Agent, context.Caller.Agent);
        if (agent.Id == context.Caller.Agent.Id)
        {
            throw QuiltException.Invalid("agent", "an agent cannot remove itself", "ask the one that delegated to you");
        }

        (IReadOnlyList<string> containers, int tokens) = await removal.RemoveAsync(agent, arguments.Force, cancellation).ConfigureAwait(false);
        return new RemoveAgentResult { Agent = agent.Id, RemovedContainers = containers, RevokedTokens = tokens };
    }
}
