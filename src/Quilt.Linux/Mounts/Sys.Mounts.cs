using System.Runtime.InteropServices;
using System.Text;

namespace Quilt.Linux;

/// <summary>The kernel's calls with our types; a failure is a <see cref="SyscallException"/>.</summary>
public static unsafe partial class Sys
{
    private const int OpenTreeNumber = 428, FsOpenNumber = 430, FsConfigNumber = 431, FsMountNumber = 432, MountSetAttrNumber = 442;
    internal const int AtFdCwd = -100;
    private const int AtEmptyPath = 0x1000, AtRecursive = 0x8000;

    /// <summary>A detached copy of the mount that holds <paramref name="path"/>, rooted there.</summary>
    /// <param name="recursive">Also what is mounted below.</param>
    /// <seealso href="https://man7.org/linux/man-pages/man2/open_tree.2.html"/>
    public static FileDescriptor OpenTreeClone(string path, bool recursive)
    {
        const int clone = 1, closeOnExec = 0x80000;
        nint text = Marshal.StringToCoTaskMemUTF8(path);
        try
        {
            nint fd = LibC.syscall(OpenTreeNumber, AtFdCwd, text, clone | closeOnExec | (recursive ? AtRecursive : 0), 0, 0, 0);
            return fd >= 0 ? new FileDescriptor((int)fd) : throw SyscallException.Last("open_tree", path);
        }
        finally
        {
            Marshal.FreeCoTaskMem(text);
        }
    }

    /// <summary>As <see cref="OpenTreeClone(string, bool)"/>, of what is open, without what is mounted below.</summary>
    public static FileDescriptor OpenTreeClone(FileDescriptor file)
    {
        const int clone = 1, closeOnExec = 0x80000;
        byte empty = 0;
        nint fd = LibC.syscall(OpenTreeNumber, file.Number, (nint)(&empty), clone | closeOnExec | AtEmptyPath, 0, 0, 0);
        return fd >= 0 ? new FileDescriptor((int)fd) : throw SyscallException.Last("open_tree");
    }

    /// <summary>Changes a mount's attributes (MOUNT_ATTR_*), its propagation (MS_*) or, with a user namespace, its ids.</summary>
    /// <exception cref="SyscallException">EINVAL where the file system cannot be idmapped; EPERM where it is already.</exception>
    /// <seealso href="https://man7.org/linux/man-pages/man2/mount_setattr.2.html"/>
    public static void MountSetAttributes(FileDescriptor mount, ulong set, ulong clear, ulong propagation = 0, FileDescriptor? userNamespace = null, bool recursive = false)
    {
        ulong* attributes = stackalloc ulong[4] { set, clear, propagation, (ulong)(userNamespace?.Number ?? 0) };
        byte empty = 0;
        nint result = LibC.syscall(MountSetAttrNumber, mount.Number, (nint)(&empty), AtEmptyPath | (recursive ? AtRecursive : 0), (nint)attributes, 32, 0);
        if (result < 0)
        {
            throw SyscallException.Last("mount_setattr", userNamespace is null ? "attributes" : "idmap");
        }
    }

    /// <seealso href="https://man7.org/linux/man-pages/man2/fsopen.2.html"/>
    public static FileDescriptor FsOpen(string type)
    {
        Span<byte> name = stackalloc byte[64];
        name[Encoding.UTF8.GetBytes(type, name)] = 0;
        fixed (byte* pointer = name)
        {
            nint fd = LibC.syscall(FsOpenNumber, (nint)pointer, 1, 0, 0, 0, 0);
            return fd >= 0 ? new FileDescriptor((int)fd) : throw SyscallException.Last("fsopen", type);
        }
    }

    /// <summary>Sets a parameter to a string; with a null value, a flag.</summary>
    public static void FsConfig(FileDescriptor context, string key, string? value)
    {
        const int setFlag = 0, setString = 1;
        nint keyText = Marshal.StringToCoTaskMemUTF8(key), valueText = Marshal.StringToCoTaskMemUTF8(value);
        try
        {
            Check(LibC.syscall(FsConfigNumber, context.Number, value is null ? setFlag : setString, keyText, valueText, 0, 0), "fsconfig", key);
        }
        finally
        {
            Marshal.FreeCoTaskMem(keyText);
            Marshal.FreeCoTaskMem(valueText);
        }
    }

    /// <summary>Sets a parameter to an open file, such as overlayfs's <c>lowerdir+</c> (Linux 6.13).</summary>
    public static bool TryFsConfigFd(FileDescriptor context, string key, FileDescriptor value)
    {
        const int setFd = 5;
        nint keyText = Marshal.StringToCoTaskMemUTF8(key);
        try
        {
            return LibC.syscall(FsConfigNumber, context.Number, setFd, keyText, 0, value.Number, 0) >= 0;
        }
        finally
        {
            Marshal.FreeCoTaskMem(keyText);
        }
    }

    /// <summary>Makes the super block and returns the new, detached mount.</summary>
    public static FileDescriptor FsCreateAndMount(FileDescriptor context, ulong attributes, string subject)
    {
        const int create = 6, closeOnExec = 1;
        Check(LibC.syscall(FsConfigNumber, context.Number, create, 0, 0, 0, 0), "fsconfig create", subject);
        nint fd = LibC.syscall(FsMountNumber, context.Number, closeOnExec, (nint)attributes, 0, 0, 0);
        return fd >= 0 ? new FileDescriptor((int)fd) : throw SyscallException.Last("fsmount", subject);
    }

    private static nint Check(nint result, string call, string? subject) =>
        result >= 0 ? result : throw SyscallException.Last(call, subject);
}
