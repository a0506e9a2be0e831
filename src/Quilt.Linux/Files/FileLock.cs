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

    /// <summary>Locks a folder itself, and waits for it: nothing is made that would have to be removed.</summary>
    /// <exception cref="SyscallException">ENOENT: there is no such folder.</exception>
    public static FileLock TakeFolder(string path) => Take(Sys.Open(path, OpenMode.ReadOnly | OpenMode.Directory), path, 0)!;

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
