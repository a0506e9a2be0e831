using System.ComponentModel;

namespace Quilt.Cognition;

/// <summary>What a call cost at its provider, summed over repeated attempts.</summary>
public sealed record TokenUsage
{
    [Description("The model that answered.")]
    public required string Model { get; init; }

    [Description("Tokens sent.")]
    public required long InputTokens { get; init; }

    [Description("Tokens received.")]
    public required long OutputTokens { get; init; }
}
