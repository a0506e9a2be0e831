using System.Buffers.Text;

namespace Quilt.Images;

/// <summary>What PAX records say of a sparse file, in GNU tar's forms 0.0, 0.1 and 1.0 (GNU tar manual, 'Storing Sparse Files').</summary>
internal sealed class SparseRecords
{
    internal const string Prefix = "GNU.sparse.";
    private readonly List<SparseSegment> _segments = [];
    private readonly HashSet<string> _seen = new(StringComparer.Ordinal);
    private long? _offset;

    /// <summary>The file's own path; the entry's is made up for readers that do not know of sparse files.</summary>
    internal byte[]? Name { get; private set; }

    internal long? SizeBytes { get; private set; }

    /// <summary>Form 1.0: the pieces are listed before the content.</summary>
    internal bool MapIsInContent { get; private set; }

    internal IReadOnlyList<SparseSegment> Segments => _offset is null ? _segments : throw Malformed.Layer("a sparse file's piece has no length");

    internal void Add(string key, ReadOnlySpan<byte> value)
    {
        // Form 0.0 says each piece by records of the same keys.
        if (key is not ("offset" or "numbytes") && !_seen.Add(key))
        {
            throw Malformed.Layer($"a PAX header sets '{Prefix}{Core.Text.Printable(key)}' twice");
        }

        switch (key)
        {
            case "name":
                Name = value.ToArray();
                break;
            case "size" or "realsize":
                SizeBytes = SizeBytes is null ? Number(value) : throw Malformed.Layer("a sparse file has two sizes");
                break;
            case "major":
                MapIsInContent = Number(value) switch { 0 => false, 1 => true, _ => throw Malformed.Layer("a sparse file is of an unknown form") };
                break;
            case "offset" when _offset is null:
                _offset = Number(value);
                break;
            case "numbytes" when _offset is { } offset:
                _segments.Add(new SparseSegment(offset, Number(value)));
                _offset = null;
                break;
            case "map":
                AddMap(value);
                break;
            case "minor" or "numblocks":
                break;
            default:
                throw Malformed.Layer($"a sparse file says '{Core.Text.Printable(key)}' of itself");
        }
    }

    /// <summary>Digits and nothing else.</summary>
    internal static long Number(ReadOnlySpan<byte> value) =>
        value.Length is > 0 and < 19 && value.IndexOfAnyExceptInRange((byte)'0', (byte)'9') < 0 && Utf8Parser.TryParse(value, out long number, out _)
            ? number
            : throw Malformed.Layer("a sparse file's map holds what is no number");

    private void AddMap(ReadOnlySpan<byte> value)
    {
        long? offset = null;
        foreach (Range part in value.Split((byte)','))
        {
            long number = Number(value[part]);
            if (offset is { } start)
            {
                _segments.Add(new SparseSegment(start, number));
                offset = null;
            }
            else
            {
                offset = number;
            }
        }

        if (offset is not null)
        {
            throw Malformed.Layer("a sparse file's piece has no length");
        }
    }
}
