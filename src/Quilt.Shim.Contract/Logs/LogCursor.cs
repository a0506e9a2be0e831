using System.Globalization;

namespace Quilt.Shim.Contract;

/// <summary>A place in a log, between two of its bytes. Its text is <c>FILE:OFFSET:SKIP</c>; to others it means nothing.</summary>
/// <param name="File">The file's number; 0 is before everything.</param>
/// <param name="Offset">Of a record, in bytes.</param>
/// <param name="Skip">How many bytes of that record's payload lie before it.</param>
public readonly record struct LogCursor(long File, long Offset, int Skip)
{
    // No file of a log is so long, and no file at all may be that much longer: reading beyond its end finds nothing.
    private const long LargestOffset = 1L << 50;

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{File}:{Offset}:{Skip}");

    public static bool TryParse(string text, out LogCursor cursor)
    {
        string[] parts = text.Split(':');
        if (parts.Length == 3 && Number(parts[0], out long file) && Number(parts[1], out long offset) && Number(parts[2], out long skip)
            && offset <= LargestOffset && skip <= LogRecordHeader.MaxPayload)
        {
            cursor = new LogCursor(file, offset, (int)skip);
            return true;
        }

        cursor = default;
        return false;

        static bool Number(string part, out long number) => long.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out number);
    }
}
