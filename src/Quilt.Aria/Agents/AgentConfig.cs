using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Quilt.Cognition;

namespace Quilt.Aria;

/// <summary>What an agent is given: by a file (YAML or JSON), or by whom it is delegated to.</summary>
/// <remarks>What has a default has a setter: the generated reader forgets the default of a property that is init-only.</remarks>
public sealed record AgentConfig
{
    [Description("The agent's name, where the call gives none.")]
    [StringLength(63)]
    public string? Name { get; init; }

    [Description("What it is for.")]
    [StringLength(4096)]
    public string? Description { get; init; }

    [Description("What it may do.")]
    public Grant Grant { get; set; } = new();

    [Description("Its sessions.")]
    public SessionPolicy Session { get; set; } = new();

    [Description("What its model is told first, by the built-in loop.")]
    [StringLength(262144)]
    public string? SystemPrompt { get; init; }

    [Description("The model of the built-in loop: provider, model, endpoint, apiKeyFile or apiKeyEnv.")]
    public ModelConfig? Model { get; init; }

    [Description("How often the built-in loop asks its model at most.")]
    [Range(1, 100_000)]
    public int MaxIterations { get; set; } = 50;
}
