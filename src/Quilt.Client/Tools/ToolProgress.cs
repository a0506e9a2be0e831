namespace Quilt.Client;

/// <summary>How far long work has come.</summary>
/// <param name="Total">Null where nobody knows.</param>
public sealed record ToolProgress(double Progress, double? Total, string Message);
