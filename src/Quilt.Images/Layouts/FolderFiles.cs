using Microsoft.Win32.SafeHandles;
using Quilt.Linux;

namespace Quilt.Images;

/// <summary>A layout in a folder, which a hostile party may have filled.</summary>
internal sealed class FolderFiles(FileDescriptor folder) : ILayoutFiles
{
    private const int BufferBytes = 128 << 10;

    public Stream? TryOpen(string path)
    {
        using FileDescriptor? looked = RootedPath.TryOpen(folder, path, OpenMode.Path, 0, out _);

        // Nothing but a file is opened: a fifo would wait, a device may act.
        if (looked is null || Sys.Status(looked).Kind != FileKind.Regular)
        {
            return null;
        }

        FileDescriptor file = Sys.Open($"/proc/self/fd/{looked.Number}", OpenMode.ReadOnly);
        return new FileStream(new SafeFileHandle(file.Release(), ownsHandle: true), FileAccess.Read, BufferBytes);
    }
}
