namespace Quilt.Client;

/// <summary>How a tool is called.</summary>
public sealed record ToolCallOptions
{
    /// <summary>The call is given up after this time.</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>A second call with it gets the first one's outcome, and does nothing anew.</summary>
    public string? IdempotencyKey { get; init; }

    /// <summary>Is told how far the work has come.</summary>
    public IProgress<ToolProgress>? Progress { get; init; }
}
