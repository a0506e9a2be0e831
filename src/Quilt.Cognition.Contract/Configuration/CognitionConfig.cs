namespace Quilt.Cognition;

/// <summary>What the operator gives the cognitive tools; section <c>cognition</c> of the daemon's configuration. Holds no secret, only where one is.</summary>
public sealed record CognitionConfig
{
    /// <summary>Null: the tools that need a model say so.</summary>
    public ModelConfig? Model { get; init; }

    /// <summary>Null: webSearchTool says so.</summary>
    public SearchConfig? Search { get; init; }

    public DocumentLimits Documents { get; set; } = new();
}
