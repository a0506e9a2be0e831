namespace Quilt.Aria;

/// <summary>What the agents' layer is given.</summary>
public sealed record AgentLayerOptions
{
    /// <summary>How many calls the audit keeps, at least.</summary>
    public long AuditKept { get; init; } = 1_000_000;

    /// <summary>Tools of projects above this one.</summary>
    public IReadOnlyList<Tool> OtherTools { get; init; } = [];
}
