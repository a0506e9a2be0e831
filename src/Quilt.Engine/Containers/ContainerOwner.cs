namespace Quilt.Engine;

/// <summary>Whose a container is, and what it lives as long as (<see cref="ContainerStrategy"/>).</summary>
/// <param name="Agent">The agent's id; empty is the operator.</param>
/// <param name="Session">Empty: the agent's standing session, which lasts as long as the agent.</param>
public sealed record ContainerOwner(string Agent, string Session = "")
{
    public static ContainerOwner Operator { get; } = new("");

    /// <summary>Of strategy <see cref="ContainerStrategy.Task"/>: it lives until the last of them has ended.</summary>
    public IReadOnlyList<string> Tasks { get; init; } = [];

    /// <summary>Agents that may use it beside its own, by their ids.</summary>
    public IReadOnlyList<string> SharedWith { get; init; } = [];
}
