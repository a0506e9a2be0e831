namespace Quilt.Linux;

public static unsafe partial class Sys
{
    /// <summary>Writes all of it, with as many calls as that takes.</summary>
    public static void WriteAll(FileDescriptor file, ReadOnlySpan<byte> content, string subject)
    {
        while (!content.IsEmpty)
        {
            fixed (byte* data = content)
            {
                nint written = LibC.write(file.Number, data, content.Length);
                if (written < 0 && LastErrno() == Errno.EINTR)
                {
                    continue;
                }

                content = content[(int)Check(written, "write", subject)..];
            }
        }
    }

    /// <summary>read(2): at most the buffer's length; 0 at the end of the file.</summary>
    public static int Read(FileDescriptor file, Span<byte> buffer, string subject)
    {
        fixed (byte* data = buffer)
        {
            nint count;
            do
            {
                count = LibC.read(file.Number, data, buffer.Length);
            }
            while (count < 0 && LastErrno() == Errno.EINTR);
            return (int)Check(count, "read", subject);
        }
    }

    /// <summary>What is read next is the file's beginning: of a control file, what it says then (lseek(2)).</summary>
    public static void Rewind(FileDescriptor file) => Check((nint)LibC.lseek(file.Number, 0, 0), "lseek", null);

    /// <summary>fsync(2) of a file, or of a folder for the names in it.</summary>
    /// <exception cref="SyscallException">EIO: what was written before may be lost; trying again does not tell.</exception>
    public static void Synchronize(FileDescriptor file, string subject) => Check(LibC.fsync(file.Number), "fsync", subject);

    /// <summary>ftruncate(2).</summary>
    public static void Truncate(FileDescriptor file, long length) => Check(LibC.ftruncate(file.Number, length), "ftruncate", null);

    /// <summary>renameat(2) within one folder.</summary>
    public static void RenameAt(FileDescriptor folder, string from, string to) =>
        Check(LibC.renameat(folder.Number, from, folder.Number, to), "renameat", to);

    internal static bool TryFlock(FileDescriptor file, int operation, out Errno errno)
    {
        int result;
        do
        {
            result = LibC.flock(file.Number, operation);
        }
        while (result < 0 && LastErrno() == Errno.EINTR);
        errno = result < 0 ? LastErrno() : Errno.None;
        return result >= 0;
    }
}
