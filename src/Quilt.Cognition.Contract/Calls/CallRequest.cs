using System.Text.Json;

namespace Quilt.Cognition;

/// <summary>What <c>quilt-cognition call</c> reads from its input: one JSON document.</summary>
public sealed record CallRequest
{
    /// <summary>One of <see cref="CognitiveTools"/>.</summary>
    public required string Tool { get; init; }
    public required JsonElement Arguments { get; init; }
    public CognitionConfig Config { get; set; } = new();
}
