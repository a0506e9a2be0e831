using System.Buffers;
using Quilt.Core;
using Quilt.Linux;

namespace Quilt.Images;

/// <summary>
/// Reads a tar archive entry by entry, in one pass and bounded memory. Where readers are known to differ on what an archive
/// means, it is refused: what a scanner saw is what is unpacked.
/// </summary>
/// <remarks>
/// System.Formats.Tar reads PAX values as text and so destroys binary ones, file capabilities among them, and holds whole
/// extension headers in memory (docs/decisions/0002).
/// </remarks>
internal sealed partial class ArchiveReader(Stream stream, UnpackLimits limits)
{
    private readonly byte[] _block = new byte[TarHeader.BlockBytes];
    private long _left, _padding;
    private int _headers;

    /// <summary>The next entry; null at the archive's end, when the stream has been read to its own.</summary>
    internal ArchiveEntry? Next()
    {
        Skip(_left + _padding);
        (_left, _padding) = (0, 0);
        PaxRecords? pax = null;
        byte[]? longPath = null, longTarget = null;
        while (ReadBlock())
        {
            if (++_headers > limits.Entries)
            {
                throw Malformed.Limit($"it has more than {limits.Entries} entries");
            }

            TarHeader header = new(_block);
            header.VerifyChecksum();
            switch (header.Type)
            {
                case 'x' when pax is null && longPath is null && longTarget is null:
                    pax = PaxRecords.Parse(ReadExtension(header.SizeBytes), limits, global: false);
                    break;
                case 'g' when pax is null && longPath is null && longTarget is null:
                    _ = PaxRecords.Parse(ReadExtension(header.SizeBytes), limits, global: true);
                    break;
                case 'L' when pax is null && longPath is null:
                    longPath = Terminated(ReadExtension(header.SizeBytes));
                    break;
                case 'K' when pax is null && longTarget is null:
                    longTarget = Terminated(ReadExtension(header.SizeBytes));
                    break;
                case 'x' or 'g' or 'L' or 'K':
                    throw Malformed.Layer("an entry has two extension headers that contradict each other");
                default:
                    return ToEntry(header, pax, longPath, longTarget);
            }
        }

        return pax is null && longPath is null && longTarget is null ? null : throw Malformed.Layer("it ends after an extension header");
    }

    /// <summary>Bytes of the current entry's content that are still to be read.</summary>
    internal long Left => _left;

    /// <summary>Reads of the current entry's content; 0 at its end.</summary>
    internal int Read(Span<byte> buffer)
    {
        int wanted = (int)Math.Min(buffer.Length, _left);
        if (wanted == 0)
        {
            return 0;
        }

        int count = stream.Read(buffer[..wanted]);
        _left -= count;
        return count > 0 ? count : throw Truncated();
    }

    private ArchiveEntry ToEntry(TarHeader header, PaxRecords? pax, byte[]? longPath, byte[]? longTarget)
    {
        string path = ArchivePath.Decode(pax?.Sparse?.Name ?? pax?.Path ?? longPath ?? header.Path);
        ArchiveEntryKind kind = header.Type switch
        {
            // Before ustar a folder was a file whose name ends with a slash.
            '\0' or '0' when path.EndsWith('/') => ArchiveEntryKind.Folder,
            '\0' or '0' or '7' or 'S' => ArchiveEntryKind.File,
            '1' => ArchiveEntryKind.HardLink,
            '2' => ArchiveEntryKind.SymbolicLink,
            '3' or '4' => ArchiveEntryKind.Device,
            '5' => ArchiveEntryKind.Folder,
            '6' => ArchiveEntryKind.Fifo,
            _ => throw Malformed.Entry(path, $"is of the unknown type 0x{(int)header.Type:x2}"),
        };
        long size = pax?.SizeBytes ?? header.SizeBytes;
        if (kind != ArchiveEntryKind.File && size != 0)
        {
            throw Malformed.Entry(path, "has content, and is no file");
        }

        if (size > limits.DecompressedBytes)
        {
            throw Malformed.Limit($"entry '{Text.Printable(path)}' says that it has {size} bytes");
        }

        bool link = kind is ArchiveEntryKind.HardLink or ArchiveEntryKind.SymbolicLink;
        string target = link ? ArchivePath.Decode(pax?.LinkTarget ?? longTarget ?? header.LinkTarget) : "";
        if (link && (target.Length == 0 || FileName.ByteCount(target) > limits.PathBytes))
        {
            throw Malformed.Entry(path, "is a link to nothing, or to a path that is too long");
        }

        if (kind == ArchiveEntryKind.File && header.Type == 'S' && (pax?.Sparse is not null || pax?.SizeBytes is not null))
        {
            throw Malformed.Entry(path, "says in two ways where its content lies");
        }

        if (kind != ArchiveEntryKind.File && pax?.Sparse is not null)
        {
            throw Malformed.Entry(path, "is a sparse file, and is no file");
        }

        // The old form's further pieces come before the content, the newest form's are a part of it.
        SparseMap? sparse = header.Type == 'S' ? ReadOldMap(header, path) : null;
        _left = size;
        _padding = Padding(size);
        sparse ??= pax?.Sparse is { } records ? ReadMap(records, path) : null;
        return new ArchiveEntry(
            kind,
            ArchivePath.Split(path, limits, rooted: false),
            target,
            header.Permissions,
            Id(pax?.Uid ?? header.Uid, path),
            Id(pax?.Gid ?? header.Gid, path),
            pax?.Modified ?? header.Modified,
            pax?.Attributes ?? [],
            sparse);
    }

    /// <summary>The largest number is no id but the kernel's word for none.</summary>
    private static uint Id(long id, string path) =>
        id < uint.MaxValue ? (uint)id : throw Malformed.Entry(path, "has an owner that is no user's or group's number");

    /// <summary>At its end: no block of zeros told it. Layers may lack that; of what is copied or restored, it says that there was more.</summary>
    internal bool IsCutOff { get; private set; }

    /// <summary>False at the end: a block of zeros, after which nothing counts, or the stream's own end between two entries.</summary>
    private bool ReadBlock()
    {
        int count = stream.ReadAtLeast(_block, TarHeader.BlockBytes, throwOnEndOfStream: false);
        if (count == 0)
        {
            IsCutOff = true;
            return false;
        }

        if (count < TarHeader.BlockBytes)
        {
            throw Truncated();
        }

        if (_block.AsSpan().IndexOfAnyExcept((byte)0) >= 0)
        {
            return true;
        }

        byte[] buffer = ArrayPool<byte>.Shared.Rent(64 << 10);
        while (stream.Read(buffer) > 0)
        {
            // The digest is of all of it.
        }

        ArrayPool<byte>.Shared.Return(buffer);
        return false;
    }

    private byte[] ReadExtension(long size)
    {
        if (size > limits.ExtensionBytes)
        {
            throw Malformed.Limit($"an extension header has more than {limits.ExtensionBytes} bytes");
        }

        byte[] content = new byte[size];
        if (stream.ReadAtLeast(content, content.Length, throwOnEndOfStream: false) < size)
        {
            throw Truncated();
        }

        Skip(Padding(size));
        return content;
    }

    private void Skip(long count)
    {
        if (count == 0)
        {
            return;
        }

        byte[] buffer = ArrayPool<byte>.Shared.Rent((int)Math.Min(count, 64 << 10));
        while (count > 0)
        {
            int read = stream.Read(buffer.AsSpan(0, (int)Math.Min(count, buffer.Length)));
            count -= read > 0 ? read : throw Truncated();
        }

        ArrayPool<byte>.Shared.Return(buffer);
    }

    private static byte[] Terminated(byte[] text)
    {
        // GNU's form ends with a NUL; more after it would be read by some and not by others.
        ReadOnlySpan<byte> path = text.AsSpan().TrimEnd((byte)0);
        return path.Contains((byte)0) ? throw Malformed.Layer("a long name holds a NUL") : path.ToArray();
    }

    private static long Padding(long size) => -size & (TarHeader.BlockBytes - 1);

    private static Core.QuiltException Truncated() => Malformed.Layer("it ends in the midst of an entry");
}
