namespace Quilt.Aria;

/// <summary>A call as a tool sees it.</summary>
public sealed record ToolContext(Caller Caller)
{
    public IProgress<ToolProgress>? Progress { get; init; }
}

/// <param name="Total">Null where it is not known.</param>
public sealed record ToolProgress(double Progress, double? Total, string Message);
