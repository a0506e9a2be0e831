using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Unicode;
using Quilt.Linux;

namespace Quilt.Images;

/// <summary>Makes the records of a PAX extension header (POSIX.1-2017, pax, 'pax Extended Header').</summary>
internal sealed class PaxRecordWriter
{
    private readonly ArrayBufferWriter<byte> _content = new();
    private bool _saysBinary;

    internal ReadOnlySpan<byte> Content => _content.WrittenSpan;

    /// <summary>A path, as it is. Where it is no UTF-8, a record before it says so.</summary>
    internal void AddPath(string key, ReadOnlySpan<byte> path)
    {
        if (!_saysBinary && !Utf8.IsValid(path))
        {
            Add("hdrcharset", "BINARY"u8);
            _saysBinary = true;
        }

        Add(key, path);
    }

    internal void Add(string key, ReadOnlySpan<byte> value)
    {
        byte[] name = FileName.ToBytes(key);

        // The length counts its own digits.
        int rest = name.Length + value.Length + 3;
        int length = rest + Digits(rest);
        length = rest + Digits(length);
        _content.Write(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{length} ")));
        _content.Write(name);
        _content.Write("="u8);
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
