namespace Quilt.Images;

/// <summary>What a copy came to.</summary>
/// <param name="Entries">Files, folders and links.</param>
/// <param name="Bytes">Of files' content, holes not counted.</param>
/// <param name="LeftOut">Paths of what was not copied, and why; the first 16.</param>
/// <param name="LeftOutCount">All of them.</param>
public sealed record CopyReport(long Entries, long Bytes, IReadOnlyList<string> LeftOut, long LeftOutCount);

/// <summary>How far a copy is.</summary>
public readonly record struct CopyProgress(long Entries, long Bytes);
