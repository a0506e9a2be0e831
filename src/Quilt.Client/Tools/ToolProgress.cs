namespace Quilt.Client;

/// <summary>How far long work has come.</summary>
/// <param name="Total">Null where nobody knows.</param>
/// <param name="Item">Which part of the work it is of, such as a layer's digest or a build's step; empty where it is of the whole.</param>
/// <param name="Stage">What is done with that part, such as <c>transferring</c>; empty where nothing more is known.</param>
public sealed record ToolProgress(double Progress, double? Total, string Message, string Item = "", string Stage = "");
