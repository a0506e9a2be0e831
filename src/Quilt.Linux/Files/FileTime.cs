namespace Quilt.Linux;

/// <summary>A moment as file systems keep it.</summary>
/// <param name="Seconds">Since 1970-01-01 UTC; may be negative.</param>
/// <param name="Nanoseconds">0 to 999,999,999, always forward.</param>
public readonly record struct FileTime(long Seconds, uint Nanoseconds);
