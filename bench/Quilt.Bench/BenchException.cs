namespace Quilt.Bench;

/// <summary>A side could not do what was to be measured.</summary>
internal sealed class BenchException(string message) : Exception(message);
