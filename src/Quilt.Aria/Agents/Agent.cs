namespace Quilt.Aria;

/// <summary>Who calls: an identity with a grant. Never changed.</summary>
/// <param name="Id">16 hexadecimal digits; empty is the operator.</param>
/// <param name="Name">As its parent calls it.</param>
/// <param name="Parent">Who delegated to it; null for the operator.</param>
public sealed record Agent(string Id, string Name, Agent? Parent, AgentConfig Config, DateTimeOffset CreatedAt)
{
    /// <summary>Whoever may open the daemon's own socket.</summary>
    public static Agent Operator { get; } = new("", "operator", null, new AgentConfig { Grant = Grant.Everything }, default);

    public bool IsOperator => Parent is null;

    /// <summary>Itself, then each above it, the operator last.</summary>
    public IEnumerable<Agent> Chain
    {
        get
        {
            for (Agent? agent = this; agent is not null; agent = agent.Parent)
            {
                yield return agent;
            }
        }
    }

    /// <summary>With the names above it: <c>builder/tester</c>.</summary>
    public string Path => Parent is null or { IsOperator: true } ? Name : $"{Parent.Path}/{Name}";

    public bool IsWithin(Agent other) => Chain.Any(a => a.Id == other.Id);

    /// <summary>The control group of its containers, below the engine's: one in the other, as the agents are. Empty for the operator.</summary>
    public string Group => IsOperator ? "" : $"{(Parent!.IsOperator ? "" : Parent.Group + "/")}{Engine.ContainerEngine.GroupPrefix}{Id}";

    public bool Equals(Agent? other) => other is not null && Id == other.Id;

    public override int GetHashCode() => Id.GetHashCode(StringComparison.Ordinal);

    public override string ToString() => Path;
}
