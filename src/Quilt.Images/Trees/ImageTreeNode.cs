using Microsoft.Win32.SafeHandles;
using Quilt.Linux;

namespace Quilt.Images;

/// <summary>Something in an <see cref="ImageTree"/>, held open.</summary>
public sealed class ImageTreeNode : IDisposable
{
    private const int BufferBytes = 128 << 10;
    private readonly IReadOnlyList<LayerNode> _levels;

    /// <param name="levels">The same folder in each layer that shows, topmost first; one of anything else.</param>
    internal ImageTreeNode(string path, IReadOnlyList<LayerNode> levels) => (Path, _levels) = (path, levels);

    /// <summary>From the root, without a slash at its beginning; empty for the root.</summary>
    public string Path { get; }

    public string Name => Path[(Path.LastIndexOf('/') + 1)..];

    /// <summary>Two nodes with the same <see cref="FileStatus.Device"/> and <see cref="FileStatus.Inode"/> are hard links of one file.</summary>
    public FileStatus Status => _levels[0].Status;

    public FileKind Kind => Status.Kind;

    /// <summary>Extended attributes that are part of an image: file capabilities and <c>user.*</c>, in ordinal order. Of files and folders.</summary>
    public IReadOnlyList<KeyValuePair<string, byte[]>> Attributes()
    {
        if (Kind is not (FileKind.Regular or FileKind.Folder))
        {
            return [];
        }

        using FileDescriptor file = _levels[0].OpenContent();
        return LayerAttributes.Read(file);
    }

    /// <summary>As an archive says it.</summary>
    public ArchiveMetadata Metadata() => new(Status.Permissions, Status.Uid, Status.Gid, Status.Modified, Attributes());

    /// <summary>Where a symbolic link points, as written.</summary>
    public string LinkTarget() => Sys.ReadLink(_levels[0].Descriptor);

    /// <summary>A regular file's content.</summary>
    /// <exception cref="InvalidOperationException">It is none: a fifo would wait, a device may act.</exception>
    public Stream OpenRead() => new FileStream(new SafeFileHandle(OpenContent().Release(), ownsHandle: true), FileAccess.Read, BufferBytes);

    /// <inheritdoc cref="OpenRead"/>
    public FileDescriptor OpenContent() => Kind == FileKind.Regular ? _levels[0].OpenContent() : throw new InvalidOperationException($"'{Path}' is no file");

    /// <summary>What is in the folder, in ordinal order; nothing where it is none. Each is the caller's to dispose.</summary>
    public IEnumerable<ImageTreeNode> Children()
    {
        foreach (string name in LayerView.Names(_levels))
        {
            if (Child(name) is { } child)
            {
                yield return child;
            }
        }
    }

    /// <summary>One name in the folder, which may be a link; null where there is none. The caller's to dispose.</summary>
    public ImageTreeNode? Child(string name) =>
        LayerView.Children(_levels, name) is { Count: > 0 } levels ? new ImageTreeNode(Path.Length == 0 ? name : $"{Path}/{name}", levels) : null;

    public void Dispose()
    {
        foreach (LayerNode level in _levels)
        {
            level.Dispose();
        }
    }
}
