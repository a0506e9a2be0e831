using System.Text;

namespace Quilt.Linux;

public static unsafe partial class Sys
{
    /// <summary>open(2) with O_CLOEXEC added.</summary>
    public static FileDescriptor Open(string path, OpenMode flags, uint mode = 0)
    {
        int fd = LibC.open(path, (flags | OpenMode.CloseOnExec).ToKernel(), mode);
        return fd >= 0 ? new FileDescriptor(fd) : throw SyscallException.Last("open", path);
    }

    /// <summary>Opens for reading what a descriptor names (O_PATH), not a path that could mean another file by now. Does not wait.</summary>
    /// <exception cref="SyscallException">EAGAIN: a program holds a lease on it (fcntl(2), F_SETLEASE).</exception>
    public static FileDescriptor Reopen(FileDescriptor file) => Open($"/proc/self/fd/{file.Number}", OpenMode.ReadOnly | OpenMode.NonBlocking);

    /// <summary>Writes all of it with one call, as the kernel's control files want.</summary>
    public static void WriteFile(string path, ReadOnlySpan<byte> content)
    {
        using FileDescriptor file = Open(path, OpenMode.WriteOnly);
        Write(file, content, path);
    }

    public static void WriteFile(string path, string content) => WriteFile(path, Encoding.UTF8.GetBytes(content));

    /// <summary>Writes in one call; what the kernel did not take is an error.</summary>
    public static void Write(FileDescriptor file, ReadOnlySpan<byte> content, string subject)
    {
        fixed (byte* data = content)
        {
            nint written = Check(LibC.write(file.Number, data, content.Length), "write", subject);
            if (written != content.Length)
            {
                throw new SyscallException("write", subject, Errno.ENOSPC);
            }
        }
    }

    /// <summary>A copy of <paramref name="content"/> in memory that nobody, not even root in a container, can change.</summary>
    /// <seealso href="https://man7.org/linux/man-pages/man2/memfd_create.2.html"/>
    public static FileDescriptor SealedMemory(string name, ReadOnlySpan<byte> content)
    {
        const uint closeOnExec = 1, allowSealing = 2, executable = 0x10;
        int fd = LibC.memfd_create(name, closeOnExec | allowSealing | executable);
        if (fd < 0)
        {
            // Before Linux 6.3 there was no such flag and all were executable.
            fd = LibC.memfd_create(name, closeOnExec | allowSealing);
        }

        FileDescriptor memory = fd >= 0 ? new FileDescriptor(fd) : throw SyscallException.Last("memfd_create", name);
        while (!content.IsEmpty)
        {
            fixed (byte* data = content)
            {
                content = content[(int)Check(LibC.write(fd, data, content.Length), "write", name)..];
            }
        }

        const int addSeals = 1033, sealAll = 0x1 | 0x2 | 0x4 | 0x8;
        Check(LibC.fcntl(fd, addSeals, sealAll), "fcntl F_ADD_SEALS", name);
        return memory;
    }

    /// <summary>Nobody can write to it or change its size.</summary>
    public static bool IsSealed(FileDescriptor file)
    {
        // EINVAL of any other file than one in memory.
        const int getSeals = 1034, all = 0x2 | 0x4 | 0x8;
        nint seals = LibC.fcntl(file.Number, getSeals, 0);
        return seals >= 0 && (seals & all) == all;
    }

    /// <summary>Changes the owner of a path.</summary>
    public static void Chown(string path, uint uid, uint gid) => Check(LibC.chown(path, uid, gid), "chown", path);
}
