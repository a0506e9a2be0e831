namespace Quilt.Shim.Contract;

/// <summary>A line of a log, or the part of it that was there when the log was read.</summary>
/// <param name="Data">As it was written, with its newline where it had one. At most 64 KiB: a longer line comes in parts.</param>
/// <param name="Next">The place after it.</param>
public sealed record LogEntry(DateTimeOffset Time, LogStream Stream, ReadOnlyMemory<byte> Data, LogCursor Next);
