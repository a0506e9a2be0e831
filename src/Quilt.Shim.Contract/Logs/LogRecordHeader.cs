using System.Buffers.Binary;

namespace Quilt.Shim.Contract;

/// <summary>
/// The 16 bytes before each record of a log file, little-endian: <c>i64</c> nanoseconds since 1970 (UTC), <c>u32</c> payload
/// length, <c>u8</c> stream, three reserved zero bytes. Files are named <c>NNNNNNNNNN.log</c>, in order, from 0000000001 on.
/// </summary>
public readonly record struct LogRecordHeader(long Nanoseconds, int Length, LogStream Stream)
{
    public const int Size = 16;

    /// <summary>The most that one record holds: a read from a pipe.</summary>
    public const int MaxPayload = 64 << 10;

    public DateTimeOffset Time => DateTimeOffset.UnixEpoch.AddTicks(Nanoseconds / TimeSpan.NanosecondsPerTick);

    public static long NanosecondsNow() => (DateTimeOffset.UtcNow - DateTimeOffset.UnixEpoch).Ticks * TimeSpan.NanosecondsPerTick;

    public static string FileName(long sequence) => sequence.ToString("D10", System.Globalization.CultureInfo.InvariantCulture) + ".log";

    public void Write(Span<byte> target)
    {
        BinaryPrimitives.WriteInt64LittleEndian(target, Nanoseconds);
        BinaryPrimitives.WriteInt32LittleEndian(target[8..], Length);
        target[12] = (byte)Stream;
        target[13..Size].Clear();
    }

    /// <returns>False where it is none: the file is damaged from here on.</returns>
    public static bool TryRead(ReadOnlySpan<byte> source, out LogRecordHeader header)
    {
        header = new LogRecordHeader(BinaryPrimitives.ReadInt64LittleEndian(source), BinaryPrimitives.ReadInt32LittleEndian(source[8..]), (LogStream)source[12]);
        return header.Length is >= 0 and <= MaxPayload && header.Stream <= LogStream.Stderr;
    }

    /// <summary>The log files of a folder, oldest first, by their sequence numbers.</summary>
    public static IReadOnlyList<long> Files(string folder) => Directory.Exists(folder)
        ? [.. Directory.EnumerateFiles(folder, "*.log").Select(f => long.TryParse(Path.GetFileNameWithoutExtension(f), out long n) ? n : 0).Where(n => n > 0).Order()]
        : [];
}
