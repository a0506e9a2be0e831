namespace Quilt.Linux;

/// <summary>A lock on a file that ends with its holder, however that ends (flock(2)).</summary>
public sealed class FileLock : IDisposable
{
    private const int Exclusive = 2, NonBlocking = 4;
    private readonly FileDescriptor _file;

    private FileLock(FileDescriptor file) => _file = file;

    /// <summary>Makes the file where it is missing and takes it; null where somebody else has it.</summary>
    public static FileLock? TryTake(string path) => Take(path, NonBlocking);

    /// <summary>As <see cref="TryTake"/>, and waits for it.</summary>
    public static FileLock Take(string path) => Take(path, 0)!;

    /// <summary>Locks a folder itself, made where it is missing, and waits for it. Whoever has it may remove the folder: one who waits then locks the next of that name.</summary>
    public static FileLock TakeFolder(string path)
    {
        while (true)
        {
            Sys.MakeDirectories("", Path.GetFullPath(path)[1..], 0x1ED); // .NET's own fails where the folder goes in that moment
            try
            {
                FileLock taken = Take(Sys.Open(path, OpenMode.ReadOnly | OpenMode.Directory), path, 0)!;
                if (Sys.TryStatus(path) is { } named && Sys.Status(taken._file) is var ours && (named.Inode, named.Device) == (ours.Inode, ours.Device))
                {
                    return taken;
                }

                taken.Dispose();
            }
            catch (SyscallException e) when (e.Errno == Errno.ENOENT)
            {
                // Removed between our making and our opening it.
            }
        }
    }

    private static FileLock? Take(string path, int mode) => Take(Sys.Open(path, OpenMode.ReadWrite | OpenMode.Create, 0x180), path, mode);

    private static FileLock? Take(FileDescriptor file, string path, int mode)
    {
        if (Sys.TryFlock(file, Exclusive | mode, out Errno errno))
        {
            return new FileLock(file);
        }

        file.Dispose();
        return errno == Errno.EAGAIN ? null : throw new SyscallException("flock", path, errno);
    }

    /// <summary>Gives it back. The file stays: removing it would let two hold 'the' lock.</summary>
    public void Dispose() => _file.Dispose();
}
