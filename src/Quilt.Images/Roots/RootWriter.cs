using System.Buffers;
using Quilt.Core;
using Quilt.Linux;

namespace Quilt.Images;

/// <summary>Brings files into a live root. A file appears whole or not at all; a link is replaced, never written through.</summary>
/// <remarks>
/// Runs on a <see cref="FileThread"/>. What came before a failure stays, as with every copying program, and the failure says how much it is.
/// </remarks>
public sealed partial class RootWriter : IDisposable
{
    private const int BufferBytes = 128 << 10;
    private const uint UsualFolder = 0x1ED, UsualFile = 0x1A4; // 0755, 0644

    // A file may be larger than the disk: what its holes leave of it counts, and the disk's end is told. What is all zeros may well be
    // compressed to nothing: who may write here could write them by a command too.
    private static readonly UnpackLimits Limits = new() { DecompressedBytes = 1L << 44, Ratio = int.MaxValue };
    private readonly LiveRoot _root;
    private readonly CopyInOptions _options;
    private readonly CopyMeter _meter;
    private readonly CancellationToken _cancellation;
    private readonly byte[] _buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
    private string _at = "";

    /// <summary>The folder of the file that is written, where it lies in memory and there is a limit of that.</summary>
    private FileDescriptor? _memory;

    public RootWriter(LiveRoot root, CopyInOptions options, IProgress<CopyProgress>? progress, CancellationToken cancellation) =>
        (_root, _options, _meter, _cancellation) = (root, options, new CopyMeter(progress, cancellation), cancellation);

    /// <param name="archive">A tar archive, plain or compressed (<see cref="Decompression"/>); read to its end.</param>
    /// <param name="path">In the root; a slash at its end means a folder.</param>
    /// <exception cref="QuiltException">InvalidArgument: the archive is damaged or hostile; and as the kernel refuses the path.</exception>
    public CopyReport Unpack(Stream archive, string path) => Told(path, () =>
    {
        using LayerStream stream = new(archive, Limits, copy: null, _cancellation, hashed: false);
        ArchiveReader reader = new(stream, Limits);
        ArchiveEntry? entry = reader.Next();
        if (entry is null)
        {
            RequireEnd(reader);
        }

        RootPlace place = _options.Placing == CopyPlacing.Into ? PlaceInto(path) : PlaceAs(path, entry);
        for (; entry is not null; entry = reader.Next())
        {
            _meter.Begin();
            _at = place.PathOf(entry);
            Add(entry, place, reader);
        }

        LeaveFolders(keep: 0);
        RequireEnd(reader);
    });

    /// <summary>One file of this content.</summary>
    /// <param name="path">Links at its end are followed to the file that they mean.</param>
    /// <exception cref="QuiltException">As the kernel refuses the path; FailedPrecondition where a folder is there.</exception>
    public CopyReport Write(ReadOnlyMemory<byte> content, string path) => Told(path, () =>
    {
        if (path.EndsWith('/'))
        {
            throw QuiltException.Invalid("path", $"'{Text.Printable(path)}' names a folder, and the content is a file's", "give the file's own path");
        }

        string real = _at = _root.FollowLast(path);
        RequireParent(real);
        using FileDescriptor? before = _root.TryOpen(real, follow: false);
        FileStatus? replaced = before is null ? null : Sys.Status(before);
        MakeFile(real, file =>
        {
            Sys.WriteAll(file, content.Span, path);
            Count(content.Length);
            if (_options.Owner is { } owner)
            {
                Sys.SetOwner(file, _root.Outside(owner.Uid, path), _root.Outside(owner.Gid, path));
            }
            else if (replaced is { Kind: FileKind.Regular } status && _root.IsOwn(status.Uid) && _root.IsOwn(status.Gid))
            {
                Sys.SetOwner(file, status.Uid, status.Gid);
            }

            Sys.SetPermissions(file, _options.Mode ?? (replaced is { Kind: FileKind.Regular } kept ? kept.Permissions : UsualFile));
        });
        _meter.AddEntry();
    });

    /// <summary>A backup that failed, or a pipe whose other end did, is not to look like a whole one.</summary>
    private static void RequireEnd(ArchiveReader reader)
    {
        if (reader.IsCutOff)
        {
            throw Malformed.Layer("it is empty or was cut off: the blocks of zeros that end an archive are not there");
        }
    }

    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(_buffer);
        ForgetFolders();
    }

    private CopyReport Told(string path, Action copy)
    {
        _at = path;
        try
        {
            if (path.Length == 0 || path.Contains('\0', StringComparison.Ordinal))
            {
                throw QuiltException.Invalid("path", path.Length == 0 ? "the path is empty" : "the path holds a NUL", "give an absolute path in the container");
            }

            copy();
            return _meter.Report;
        }
        catch (SyscallException e)
        {
            throw WithReport(RootErrors.Of(e, _at));
        }
        catch (IOException e) when (DiskFull.Is(e))
        {
            throw WithReport(RootErrors.Of(new SyscallException("write", _at, Errno.ENOSPC), _at));
        }
        catch (QuiltException e) when (Malformed.IsOfLayer(e))
        {
            throw WithReport(Malformed.AsArchive(e));
        }
        catch (QuiltException e)
        {
            throw WithReport(e);
        }
    }

    /// <summary>What is there already is told with what went wrong.</summary>
    private QuiltException WithReport(QuiltException e) => _meter.Entries == 0 || !_options.TellsWhatStays
        ? e
        : new QuiltException(e.Code, $"{e.Message}; {_meter.Entries} {(_meter.Entries == 1 ? "entry" : "entries")} with {new ByteSize(_meter.WholeBytes)} copied before it {(_meter.Entries == 1 ? "is" : "are")} there", e.Remedy, e.Field, e);

    private RootPlace PlaceInto(string path)
    {
        using FileDescriptor? there = _root.TryOpen(path, follow: true);
        if (there is null && _options.MakeParents)
        {
            MakeMissing(path);
        }
        else if (there is null)
        {
            throw NoFolder(path);
        }
        else if (Sys.Status(there).Kind != FileKind.Folder)
        {
            throw NotAFolder(path);
        }

        return new RootPlace(path, null);
    }

    /// <summary>docker cp's rules, by what is there now and by what the first entry is.</summary>
    /// <seealso href="https://docs.docker.com/reference/cli/docker/container/cp/"/>
    private RootPlace PlaceAs(string path, ArchiveEntry? first)
    {
        if (first is null || first.Path.Count > 1)
        {
            throw QuiltException.Invalid("archive", first is null ? "the archive is empty" : $"the archive begins with '{Text.Printable(first.DisplayPath)}'", "let it begin with the file or folder that is copied, or with '.'");
        }

        string name = first.Path.Count == 0 ? "" : first.Path[0];
        bool isFolder = first.Kind == ArchiveEntryKind.Folder;
        using FileDescriptor? there = _root.TryOpen(path, follow: true);
        if (there is not null)
        {
            return Sys.Status(there).Kind == FileKind.Folder ? new RootPlace(name.Length == 0 ? path : $"{path.TrimEnd('/')}/{name}", name)
                : isFolder || path.EndsWith('/') ? throw NotAFolder(path)
                : new RootPlace(_root.FollowLast(path), name);
        }

        string real = _root.FollowLast(path.TrimEnd('/'));
        if (path.EndsWith('/'))
        {
            using FileDescriptor? file = _root.TryOpen(real, follow: false);
            if (file is not null || !isFolder)
            {
                throw file is not null ? NotAFolder(path) : NoFolder(path);
            }
        }

        RequireParent(real);
        return new RootPlace(real, name);
    }

    private void RequireParent(string path)
    {
        string parent = LiveRoot.FolderOf(path);
        using FileDescriptor? there = parent.Length == 0 ? null : _root.TryOpen(parent, follow: true);
        if (there is null && parent.Length > 0)
        {
            if (!_options.MakeParents)
            {
                throw NoFolder(parent);
            }

            MakeMissing(parent);
        }
    }

    private static QuiltException NoFolder(string path) => new(
        ErrorCode.NotFound, $"there is no folder '{Text.Printable(path)}'", "make it first, or let the missing folders be made (the tool's 'parents')", "path");

    private static QuiltException NotAFolder(string path) => new(
        ErrorCode.FailedPrecondition, $"'{Text.Printable(path)}' is no folder, and a folder does not take its place", "give a folder, or another name", "path");
}
