using System.Buffers;
using System.Globalization;
using System.Text;
using Quilt.Linux;

namespace Quilt.Images;

/// <summary>Makes the records of a PAX extension header (POSIX.1-2017, pax, 'pax Extended Header').</summary>
internal sealed class PaxRecordWriter
{
    private readonly ArrayBufferWriter<byte> _content = new();

    internal ReadOnlySpan<byte> Content => _content.WrittenSpan;

    internal void Add(string key, ReadOnlySpan<byte> value)
    {
        // The length counts its own digits.
        int rest = Encoding.UTF8.GetByteCount(key) + value.Length + 3;
        int length = rest + Digits(rest);
        length = rest + Digits(length);
        _content.Write(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{length} {key}=")));
        _content.Write(value);
        _content.Write("\n"u8);
    }

    internal void AddNumber(string key, long value, long largestElsewhere)
    {
        if (value > largestElsewhere)
        {
            Add(key, Encoding.ASCII.GetBytes(value.ToString(CultureInfo.InvariantCulture)));
        }
    }

    internal void AddTime(string key, FileTime time)
    {
        // The file system counts nanoseconds forward also before 1970; the text has one sign for all.
        bool negative = time.Seconds < 0;
        long seconds = negative ? -(time.Seconds + (time.Nanoseconds > 0 ? 1 : 0)) : time.Seconds;
        uint nanoseconds = negative && time.Nanoseconds > 0 ? 1_000_000_000 - time.Nanoseconds : time.Nanoseconds;
        string text = string.Create(CultureInfo.InvariantCulture, $"{(negative ? "-" : "")}{seconds}.{nanoseconds:d9}");
        Add(key, Encoding.ASCII.GetBytes(text.TrimEnd('0').TrimEnd('.')));
    }

    private static int Digits(int number) => number.ToString(CultureInfo.InvariantCulture).Length;
}
