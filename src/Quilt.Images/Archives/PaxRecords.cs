using System.Buffers.Text;
using System.Text;
using Quilt.Core;
using Quilt.Linux;

namespace Quilt.Images;

/// <summary>The records of a PAX extension header (POSIX.1-2017, pax, 'pax Extended Header'), each checked as it is read.</summary>
internal sealed class PaxRecords
{
    internal const string AttributePrefix = "SCHILY.xattr.";
    private readonly List<KeyValuePair<string, byte[]>> _attributes = [];
    private readonly HashSet<string> _seen = new(StringComparer.Ordinal);

    internal byte[]? Path { get; private set; }
    internal byte[]? LinkTarget { get; private set; }
    internal long? SizeBytes { get; private set; }
    internal long? Uid { get; private set; }
    internal long? Gid { get; private set; }
    internal FileTime? Modified { get; private set; }

    /// <summary>Null where the entry is no sparse file.</summary>
    internal SparseRecords? Sparse { get; private set; }
    internal IReadOnlyList<KeyValuePair<string, byte[]>> Attributes => _attributes;

    /// <param name="global">For all entries that follow: none of ours may then come of it, for readers differ on what it means.</param>
    internal static PaxRecords Parse(ReadOnlySpan<byte> content, UnpackLimits limits, bool global)
    {
        PaxRecords records = new();
        while (!content.IsEmpty)
        {
            // LENGTH SPACE KEY = VALUE NEWLINE, the length in bytes of all of it.
            int space = content.IndexOf((byte)' ');
            if (space is < 1 or > 9 || !Utf8Parser.TryParse(content[..space], out int length, out int digits) || digits != space
                || length > content.Length || length < space + 4 || content[length - 1] != '\n' || content[0] is (byte)'+' or (byte)'-')
            {
                throw Malformed.Layer("a PAX record's length is wrong");
            }

            ReadOnlySpan<byte> record = content[(space + 1)..(length - 1)];
            int equals = record.IndexOf((byte)'=');
            if (equals < 1)
            {
                throw Malformed.Layer("a PAX record has no key");
            }

            records.Add(FileName.FromBytes(record[..equals]), record[(equals + 1)..], limits, global);
            content = content[length..];
        }

        return records;
    }

    private void Add(string key, ReadOnlySpan<byte> value, UnpackLimits limits, bool global)
    {
        bool matters = key is "path" or "linkpath" or "size" or "uid" or "gid" or "mtime" || key.StartsWith(AttributePrefix, StringComparison.Ordinal);
        if (key.StartsWith(SparseRecords.Prefix, StringComparison.Ordinal))
        {
            if (global)
            {
                throw Malformed.Layer($"a global PAX header sets '{Text.Printable(key)}'");
            }

            (Sparse ??= new SparseRecords()).Add(key[SparseRecords.Prefix.Length..], value);
            return;
        }

        if (!matters)
        {
            return;
        }

        if (global)
        {
            throw Malformed.Layer($"a global PAX header sets '{Text.Printable(key)}'");
        }

        if (!_seen.Add(key))
        {
            throw Malformed.Layer($"a PAX header sets '{Text.Printable(key)}' twice");
        }

        switch (key)
        {
            case "path":
                Path = NotEmpty(key, value);
                break;
            case "linkpath":
                LinkTarget = NotEmpty(key, value);
                break;
            case "size":
                SizeBytes = Whole(key, value);
                break;
            case "uid":
                Uid = Whole(key, value);
                break;
            case "gid":
                Gid = Whole(key, value);
                break;
            case "mtime":
                Modified = Time(value);
                break;
            default:
                if (value.Length > limits.AttributeBytes)
                {
                    throw Malformed.Limit($"an extended attribute has more than {limits.AttributeBytes} bytes");
                }

                _attributes.Add(new(key[AttributePrefix.Length..], value.ToArray()));
                break;
        }
    }

    private static byte[] NotEmpty(string key, ReadOnlySpan<byte> value) =>
        value.IsEmpty ? throw Malformed.Layer($"a PAX header's '{key}' is empty") : value.ToArray();

    private static long Whole(string key, ReadOnlySpan<byte> value) =>
        Digits(value, 19) && Utf8Parser.TryParse(value, out long number, out int used) && used == value.Length
            ? number
            : throw Malformed.Layer($"a PAX header's '{key}' is no number");

    /// <summary>Seconds with an optional fraction of any length; what is finer than a nanosecond is dropped.</summary>
    private static FileTime Time(ReadOnlySpan<byte> value)
    {
        bool negative = !value.IsEmpty && value[0] == '-';
        value = negative ? value[1..] : value;
        int point = value.IndexOf((byte)'.');
        ReadOnlySpan<byte> whole = point < 0 ? value : value[..point];
        ReadOnlySpan<byte> fraction = point < 0 ? [] : value[(point + 1)..];
        if (!Digits(whole, 18) || !Utf8Parser.TryParse(whole, out long seconds, out _) || (!fraction.IsEmpty && fraction.IndexOfAnyExceptInRange((byte)'0', (byte)'9') >= 0))
        {
            throw Malformed.Layer("a PAX header's 'mtime' is no time");
        }

        uint nanoseconds = 0;
        for (int i = 0; i < 9; i++)
        {
            nanoseconds = (nanoseconds * 10) + (i < fraction.Length ? fraction[i] - (uint)'0' : 0);
        }

        return (negative, nanoseconds) switch
        {
            (false, _) => new FileTime(seconds, nanoseconds),
            (true, 0) => new FileTime(-seconds, 0),
            _ => new FileTime(-seconds - 1, 1_000_000_000 - nanoseconds),
        };
    }

    private static bool Digits(ReadOnlySpan<byte> value, int most) =>
        value.Length >= 1 && value.Length <= most && value.IndexOfAnyExceptInRange((byte)'0', (byte)'9') < 0;
}
