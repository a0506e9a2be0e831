using Microsoft.Win32.SafeHandles;
using Quilt.Linux;

namespace Quilt.Images;

/// <summary>Writes a file's content out of an archive.</summary>
internal static class ArchiveContent
{
    /// <param name="file">Empty; written where it has content, and nowhere else.</param>
    /// <param name="map">Null: the content is in one piece.</param>
    /// <param name="written">Told of each part's bytes.</param>
    internal static void Write(FileDescriptor file, SparseMap? map, ArchiveReader content, Span<byte> buffer, Action<int>? written = null)
    {
        using SafeFileHandle handle = new(file.Number, ownsHandle: false);
        foreach (SparseSegment segment in map?.Segments ?? [new SparseSegment(0, content.Left)])
        {
            (long offset, long left) = (segment.Offset, segment.Length);
            while (left > 0)
            {
                int count = content.Read(buffer[..(int)Math.Min(left, buffer.Length)]);
                RandomAccess.Write(handle, buffer[..count], offset);
                (offset, left) = (offset + count, left - count);
                written?.Invoke(count);
            }
        }

        if (map is not null)
        {
            Sys.Truncate(file, map.SizeBytes);
        }
    }
}
