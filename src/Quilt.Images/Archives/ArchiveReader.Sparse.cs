using Quilt.Linux;

namespace Quilt.Images;

internal sealed partial class ArchiveReader
{
    private const int HeaderSegments = 4, BlockSegments = 21, SegmentBytes = 24, FieldBytes = 12;

    /// <summary>GNU's old form: the first pieces are in the header, further ones in blocks that follow it.</summary>
    private SparseMap ReadOldMap(TarHeader header, string path)
    {
        List<SparseSegment> segments = [];
        bool more = header.IsSparseExtended;
        AddSegments(header.SparseSegments, HeaderSegments, segments);
        byte[] block = new byte[TarHeader.BlockBytes];
        while (more)
        {
            if (stream.ReadAtLeast(block, block.Length, throwOnEndOfStream: false) < block.Length)
            {
                throw Truncated();
            }

            AddSegments(block, BlockSegments, segments);
            more = block[BlockSegments * SegmentBytes] != 0;
            if (segments.Count > SparseMap.MostSegments)
            {
                throw Malformed.Limit($"a sparse file has more than {SparseMap.MostSegments} pieces");
            }
        }

        return SparseMap.Of(segments, header.SparseSizeBytes, header.SizeBytes, limits, path);
    }

    private static void AddSegments(ReadOnlySpan<byte> fields, int count, List<SparseSegment> segments)
    {
        for (int i = 0; i < count && fields[i * SegmentBytes] != 0; i++)
        {
            ReadOnlySpan<byte> segment = fields.Slice(i * SegmentBytes, SegmentBytes);
            segments.Add(new SparseSegment(TarHeader.Number(segment[..FieldBytes], "sparse map", allowNegative: false), TarHeader.Number(segment[FieldBytes..], "sparse map", allowNegative: false)));
        }
    }

    /// <summary>The map of the current entry, whose content is all still to be read.</summary>
    private SparseMap ReadMap(SparseRecords records, string path)
    {
        IReadOnlyList<SparseSegment> segments = records.MapIsInContent ? ReadMapFromContent() : records.Segments;
        long size = records.SizeBytes ?? throw Malformed.Entry(path, "is a sparse file of no size");
        return SparseMap.Of(segments, size, _left, limits, path);
    }

    /// <summary>Numbers, one a line: how many pieces, then each one's offset and length; filled up to a whole block.</summary>
    private List<SparseSegment> ReadMapFromContent()
    {
        byte[] block = new byte[TarHeader.BlockBytes];
        int at = block.Length;
        long count = Next();
        if (count > SparseMap.MostSegments)
        {
            throw Malformed.Limit($"a sparse file has more than {SparseMap.MostSegments} pieces");
        }

        List<SparseSegment> segments = new((int)count);
        for (long i = 0; i < count; i++)
        {
            segments.Add(new SparseSegment(Next(), Next()));
        }

        return segments;

        long Next()
        {
            Span<byte> digits = stackalloc byte[20];
            for (int length = 0; length < digits.Length; length++)
            {
                if (at == block.Length)
                {
                    FillFromContent(block);
                    at = 0;
                }

                if ((digits[length] = block[at++]) == '\n')
                {
                    return SparseRecords.Number(digits[..length]);
                }
            }

            throw Malformed.Layer("a sparse file's map holds what is no number");
        }
    }

    private void FillFromContent(Span<byte> buffer)
    {
        while (!buffer.IsEmpty)
        {
            int count = Read(buffer);
            buffer = count > 0 ? buffer[count..] : throw Malformed.Layer("a sparse file ends in its map");
        }
    }
}
