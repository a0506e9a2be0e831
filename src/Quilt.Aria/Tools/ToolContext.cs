namespace Quilt.Aria;

/// <summary>A call as a tool sees it.</summary>
public sealed record ToolContext(Caller Caller)
{
    public IProgress<ToolProgress>? Progress { get; init; }
}

/// <param name="Total">Null where it is not known.</param>
public sealed record ToolProgress(double Progress, double? Total, string Message)
{
    /// <summary>Which part of the work it is of, such as a layer's digest or a build's step; empty where it is of the whole.</summary>
    public string Item { get; init; } = "";

    /// <summary>What is done with that part, such as <c>transferring</c>; empty where nothing more is known.</summary>
    public string Stage { get; init; } = "";
}
