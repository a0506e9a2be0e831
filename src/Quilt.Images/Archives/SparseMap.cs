namespace Quilt.Images;

/// <summary>Where in a file the content lies that the archive has; the rest is holes.</summary>
/// <param name="Segments">Ascending and apart.</param>
/// <param name="SizeBytes">Of the file, holes included.</param>
internal sealed record SparseMap(IReadOnlyList<SparseSegment> Segments, long SizeBytes)
{
    internal const int MostSegments = 1 << 18;

    /// <exception cref="Core.QuiltException">It contradicts itself, or asks for a file that is too large.</exception>
    internal static SparseMap Of(IReadOnlyList<SparseSegment> segments, long sizeBytes, long storedBytes, UnpackLimits limits, string path)
    {
        if (sizeBytes > limits.DecompressedBytes || segments.Count > MostSegments)
        {
            throw Malformed.Limit($"the sparse entry '{Core.Text.Printable(path)}' says that it has {sizeBytes} bytes in {segments.Count} pieces");
        }

        long end = 0, stored = 0;
        foreach (SparseSegment segment in segments)
        {
            // Written so that no sum overflows.
            if (segment.Offset < end || segment.Offset > sizeBytes || segment.Length < 0 || segment.Length > sizeBytes - segment.Offset)
            {
                throw Malformed.Entry(path, "is a sparse file whose pieces overlap or lie outside of it");
            }

            end = segment.Offset + segment.Length;
            stored += segment.Length;
        }

        return stored == storedBytes ? new SparseMap(segments, sizeBytes) : throw Malformed.Entry(path, "is a sparse file whose pieces are not its content");
    }
}

/// <summary>A piece of a sparse file, in bytes.</summary>
internal readonly record struct SparseSegment(long Offset, long Length);
