using System.Text;

namespace Quilt.Linux;

public static unsafe partial class Sys
{
    private const int AtSymlinkNoFollow = 0x100;

    /// <summary>symlinkat(2).</summary>
    /// <exception cref="SyscallException">EEXIST: the name is taken, whatever by.</exception>
    public static void MakeLinkAt(FileDescriptor folder, string name, string target) =>
        Check(LibC.symlinkat(target, folder.Number, name), "symlinkat", name);

    /// <summary>linkat(2): a second name for what is there; a symbolic link is linked itself, not followed.</summary>
    public static void MakeHardLinkAt(FileDescriptor fromFolder, string from, FileDescriptor folder, string name) =>
        Check(LibC.linkat(fromFolder.Number, from, folder.Number, name, 0), "linkat", name);

    /// <summary>linkat(2) of what a descriptor names, O_PATH too: no name is looked up that could mean something else by now.</summary>
    /// <exception cref="SyscallException">EEXIST: the name is taken; ENOENT: the file has no name left and is none of O_TMPFILE's; EPERM, ENOENT without CAP_DAC_READ_SEARCH.</exception>
    public static void MakeHardLinkTo(FileDescriptor file, FileDescriptor folder, string name) =>
        Check(LibC.linkat(file.Number, "", folder.Number, name, AtEmptyPath), "linkat", name);

    /// <summary>A fifo, with permissions less the umask.</summary>
    public static void MakeFifoAt(FileDescriptor folder, string name, uint mode) =>
        Check(LibC.mknodat(folder.Number, name, ((uint)FileKind.Fifo << 12) | mode, 0), "mknodat", name);

    /// <summary>A socket on which nobody listens, with permissions less the umask.</summary>
    public static void MakeSocketAt(FileDescriptor folder, string name, uint mode) =>
        Check(LibC.mknodat(folder.Number, name, ((uint)FileKind.Socket << 12) | mode, 0), "mknodat", name);

    /// <summary>overlayfs's sign that a name of a lower layer is gone: a character device 0:0, which needs no privilege.</summary>
    public static void MakeWhiteoutAt(FileDescriptor folder, string name) =>
        Check(LibC.mknodat(folder.Number, name, (uint)FileKind.CharacterDevice << 12, 0), "mknodat", name);

    /// <summary>mkdirat(2); false where the name is taken, whatever by.</summary>
    public static bool TryMakeFolderAt(FileDescriptor folder, string name, uint mode)
    {
        if (LibC.mkdirat(folder.Number, name, mode) >= 0)
        {
            return true;
        }

        return LastErrno() == Errno.EEXIST ? false : throw SyscallException.Last("mkdirat", name);
    }

    /// <summary>unlinkat(2) of anything but a folder.</summary>
    public static void RemoveFileAt(FileDescriptor folder, string name) =>
        Check(LibC.unlinkat(folder.Number, name, 0), "unlinkat", name);

    /// <summary>unlinkat(2) of an empty folder.</summary>
    public static void RemoveFolderAt(FileDescriptor folder, string name) =>
        Check(LibC.unlinkat(folder.Number, name, RemoveDirectoryFlag), "unlinkat", name);

    /// <summary>Where an open link (O_PATH, O_NOFOLLOW) points, as <see cref="FileName"/> has it.</summary>
    public static string ReadLink(FileDescriptor link)
    {
        const int longest = 4096;
        byte* text = stackalloc byte[longest];
        nint length = Check(LibC.readlinkat(link.Number, "", text, longest), "readlinkat", null);
        return FileName.FromBytes(new ReadOnlySpan<byte>(text, (int)length));
    }

    /// <summary>fchownat(2) of an open file; clears set-id bits and file capabilities.</summary>
    public static void SetOwner(FileDescriptor file, uint uid, uint gid) =>
        Check(LibC.fchownat(file.Number, "", uid, gid, AtEmptyPath), "fchownat", null);

    /// <summary>fchownat(2) of one name; a link's own.</summary>
    public static void SetOwnerAt(FileDescriptor folder, string name, uint uid, uint gid) =>
        Check(LibC.fchownat(folder.Number, name, uid, gid, AtSymlinkNoFollow), "fchownat", name);

    /// <summary>The permissions that what this process makes does not get (umask(2)); looked up, for to ask by the call is to set it.</summary>
    public static uint Umask()
    {
        const string field = "Umask:";
        string line = File.ReadLines("/proc/self/status").First(l => l.StartsWith(field, StringComparison.Ordinal));
        return Convert.ToUInt32(line[field.Length..].Trim(), 8);
    }

    /// <summary>
    /// umask(2) of the whole process, 0022: a container's groups and files are open to its users whatever whoever started us takes away from
    /// its own. What is ours alone is made with permissions that say so, or in a folder of ours.
    /// </summary>
    public static void UseUsualUmask() => _ = LibC.umask(0x12);

    /// <summary>fchmod(2), all twelve bits.</summary>
    public static void SetPermissions(FileDescriptor file, uint mode) => Check(LibC.fchmod(file.Number, mode), "fchmod", null);

    /// <summary>fchmodat(2). It follows links: for a name that is known to be none.</summary>
    public static void SetPermissionsAt(FileDescriptor folder, string name, uint mode) =>
        Check(LibC.fchmodat(folder.Number, name, mode, 0), "fchmodat", name);

    /// <summary>chmod(2). It follows links: for a path that is known to be none.</summary>
    public static void SetPermissions(string path, uint mode) => Check(LibC.fchmodat(AtFdCwd, path, mode, 0), "chmod", path);

    /// <summary>chmod(2) of what a descriptor names, O_PATH too, and which is no link.</summary>
    public static void SetPermissionsOf(FileDescriptor file, uint mode) =>
        Check(LibC.fchmodat(AtFdCwd, $"/proc/self/fd/{file.Number}", mode, 0), "fchmodat", null);

    /// <summary>Sets access and modification time of an open file.</summary>
    public static void SetTimes(FileDescriptor file, FileTime time)
    {
        long* times = stackalloc long[4] { time.Seconds, time.Nanoseconds, time.Seconds, time.Nanoseconds };
        Check(LibC.futimens(file.Number, times), "futimens", null);
    }

    /// <summary>Sets access and modification time of one name; a link's own.</summary>
    public static void SetTimesAt(FileDescriptor folder, string name, FileTime time)
    {
        long* times = stackalloc long[4] { time.Seconds, time.Nanoseconds, time.Seconds, time.Nanoseconds };
        Check(LibC.utimensat(folder.Number, name, times, AtSymlinkNoFollow), "utimensat", name);
    }
}
