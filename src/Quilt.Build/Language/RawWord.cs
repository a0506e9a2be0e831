namespace Quilt.Build;

/// <summary>A word as it is written, variables and quotes and all.</summary>
/// <param name="Offset">In its instruction's line.</param>
internal readonly record struct RawWord(string Text, int Offset);
