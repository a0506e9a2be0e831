using Quilt.Cognition;
using Quilt.Registry;

namespace Quilt.Aria;

/// <summary>What the agents' layer is given.</summary>
public sealed record AgentLayerOptions
{
    /// <summary>How many calls the audit keeps, at least.</summary>
    public long AuditKept { get; init; } = 1_000_000;

    /// <summary>The program <c>quilt-cognition</c>.</summary>
    public required string CognitionProgram { get; init; }

    /// <summary>How registries are reached.</summary>
    public RegistryOptions Registries { get; init; } = new();

    /// <summary>The folder of the secrets that the operator keeps for agents.</summary>
    public required string SecretsDir { get; init; }

    /// <summary>The models and search engines of the cognitive tools.</summary>
    public CognitionConfig Cognition { get; init; } = new();
}
