using Quilt.Linux;

namespace Quilt.Images;

/// <summary>Something that a view of layers shows, held open.</summary>
/// <param name="Descriptor">A folder's for reading; anything else's is O_PATH.</param>
/// <param name="Layer">Which layer shows it: 0 is the topmost.</param>
internal sealed record LayerNode(FileDescriptor Descriptor, FileStatus Status, int Layer) : IDisposable
{
    internal bool IsFolder => Status.Kind == FileKind.Folder;

    /// <summary>A file's content. What a descriptor stands for is opened, not a path that could mean another file by now.</summary>
    internal FileDescriptor OpenContent() => Sys.Reopen(Descriptor);

    public void Dispose() => Descriptor.Dispose();
}
