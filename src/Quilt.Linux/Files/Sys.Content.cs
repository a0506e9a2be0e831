namespace Quilt.Linux;

public static unsafe partial class Sys
{
    /// <summary>The whole of a file; null where there is none.</summary>
    public static byte[]? TryReadFile(string path)
    {
        using FileDescriptor? file = TryOpen(path, OpenMode.ReadOnly);
        return file is null ? null : ReadFile(file, path);
    }

    /// <summary>All of an open file, from where it is.</summary>
    [System.Runtime.CompilerServices.SkipLocalsInit]
    public static byte[] ReadFile(FileDescriptor file, string subject)
    {
        // Most are short. Of larger ones the size is a guess: files of /proc say 0.
        Span<byte> start = stackalloc byte[4096];
        int length = 0, read;
        while (length < start.Length && (read = Read(file, start[length..], subject)) > 0)
        {
            length += read;
        }

        if (length < start.Length)
        {
            return start[..length].ToArray();
        }

        byte[] content = new byte[Math.Max(2 * length, (int)Math.Min(Status(file).SizeBytes + 1, int.MaxValue / 2))];
        start.CopyTo(content);
        while (true)
        {
            int count = Read(file, content.AsSpan(length), subject);
            if (count == 0)
            {
                return content[..length];
            }

            length += count;
            if (length == content.Length)
            {
                Array.Resize(ref content, 2 * length);
            }
        }
    }

    /// <summary>open(2); null where the file, or a folder on the way to it, does not exist.</summary>
    public static FileDescriptor? TryOpen(string path, OpenMode flags)
    {
        int fd = LibC.open(path, (flags | OpenMode.CloseOnExec).ToKernel(), 0);
        if (fd >= 0)
        {
            return new FileDescriptor(fd);
        }

        return LastErrno() is Errno.ENOENT or Errno.ENOTDIR ? null : throw SyscallException.Last("open", path);
    }

    /// <summary>
    /// Replaces a file at once: a reader sees the old content or the new. Not made durable, which is for what must outlive the
    /// machine (<see cref="DurableFile"/>); this is for folders that do not.
    /// </summary>
    public static void ReplaceFile(string path, ReadOnlySpan<byte> content, uint mode = 0x180)
    {
        string temporary = $"{path}.{Environment.ProcessId}.new";
        try
        {
            CreateFile(temporary, content, mode);
            Rename(temporary, path);
        }
        catch
        {
            _ = LibC.unlinkat(AtFdCwd, temporary, 0);
            throw;
        }
    }

    /// <summary>Writes a file anew, which readers may see half written: for a name that nobody reads yet.</summary>
    public static void CreateFile(string path, ReadOnlySpan<byte> content, uint mode = 0x180)
    {
        using FileDescriptor file = Open(path, OpenMode.WriteOnly | OpenMode.Create | OpenMode.Truncate, mode);
        WriteAll(file, content, path);
    }

    /// <summary>rename(2): what has the new name is replaced.</summary>
    public static void Rename(string from, string to) => Check(LibC.renameat(AtFdCwd, from, AtFdCwd, to), "rename", to);

    /// <summary>unlink(2); one that is gone counts as removed.</summary>
    public static void RemoveFile(string path)
    {
        if (LibC.unlinkat(AtFdCwd, path, 0) < 0 && LastErrno() != Errno.ENOENT)
        {
            throw SyscallException.Last("unlink", path);
        }
    }

    /// <summary>Whether there is something of that name; a broken symbolic link is nothing.</summary>
    public static bool Exists(string path)
    {
        using FileDescriptor? file = TryOpen(path, OpenMode.Path);
        return file is not null;
    }
}
