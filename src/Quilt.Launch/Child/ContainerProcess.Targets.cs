namespace Quilt.Launch.Child;

internal static unsafe partial class ContainerProcess
{
    private const uint DirectoryMode = 0x1ED; // 0755
    private const nint ProcMagic = 0x9fa0, SysMagic = 0x62656572, DevptsMagic = 0x1cd1; // linux/magic.h
    private const ulong OnOneMount = OpenFlags.ResolveNoCrossing | OpenFlags.ResolveNoSymlinks | OpenFlags.ResolveNoMagicLinks | OpenFlags.ResolveBeneath;

    /// <summary>Opens the place for a mount, resolved inside the root, making what is missing. The descriptor, not the name, is then used.</summary>
    private static int OpenTarget(ChildProgram* program, int root, ChildStep* step, int index)
    {
        ulong resolve = OpenFlags.ResolveInRoot | OpenFlags.ResolveNoMagicLinks
            | ((step->Flags & ChildStepFlags.NoSymlinks) != 0 ? OpenFlags.ResolveNoSymlinks : 0);
        int fd = (int)Raw.OpenAt2(root, step->Path, (ulong)(OpenFlags.Path | OpenFlags.CloseOnExec), 0, resolve);
        if (fd >= 0)
        {
            return fd;
        }

        if (Raw.Errno != 2)
        {
            Fail(program, LaunchStage.SetupStep, index);
        }

        int parent = OpenParent(program, root, step, index, resolve, out byte* name);
        if (*name != 0)
        {
            if ((step->Flags & ChildStepFlags.TargetIsFile) != 0)
            {
                int file = (int)Raw.Call(SyscallNumbers.OpenAt, parent, (nint)name, OpenFlags.WriteOnly | OpenFlags.Create | OpenFlags.Exclusive | OpenFlags.NoFollow | OpenFlags.CloseOnExec, 0x1A4);
                CheckStep(program, file, index);
                Raw.Close(parent);
                return file;
            }

            CheckStep(program, Raw.Call(SyscallNumbers.MkdirAt, parent, (nint)name, (nint)DirectoryMode), index);
        }

        Raw.Close(parent);
        fd = (int)Raw.OpenAt2(root, step->Path, (ulong)(OpenFlags.Path | OpenFlags.CloseOnExec), 0, resolve);
        CheckStep(program, fd, index);
        return fd;
    }

    /// <summary>Opens the folder that holds the path's last name, making missing ones above it.</summary>
    private static int OpenParent(ChildProgram* program, int root, ChildStep* step, int index, ulong resolve, out byte* name)
    {
        byte* path = step->Path;
        byte* last = path;
        for (byte* c = path; *c != 0; c++)
        {
            if (*c == '/' && c[1] != '/' && c[1] != 0)
            {
                last = c + 1;
            }
        }

        name = last;
        int parent = OpenFolder(root, path, last, resolve);
        if (parent < 0 && Raw.Errno == 2)
        {
            MakeMissing(program, root, path, last, index, resolve);
            parent = OpenFolder(root, path, last, resolve);
        }

        CheckStep(program, parent, index);
        return parent;
    }

    /// <summary>Makes those folders on the way to <paramref name="last"/> that are not there.</summary>
    private static void MakeMissing(ChildProgram* program, int root, byte* path, byte* last, int index, ulong resolve)
    {
        byte* end = path;
        while (true)
        {
            while (*end == '/')
            {
                end++;
            }

            while (*end != 0 && *end != '/')
            {
                end++;
            }

            if (end > last)
            {
                return;
            }

            int exists = OpenFolder(root, path, end, resolve);
            if (exists < 0 && Raw.Errno == 2)
            {
                byte saved = *end;
                *end = 0;
                MakeOne(program, root, path, index, resolve);
                *end = saved;
            }
            else
            {
                CheckStep(program, exists, index);
                Raw.Close(exists);
            }
        }
    }

    /// <summary>The folder that the path up to <paramref name="end"/> is. Cut in place: the program is our own copy.</summary>
    private static int OpenFolder(int root, byte* path, byte* end, ulong resolve)
    {
        byte saved = *end;
        *end = 0;
        int folder;
        fixed (byte* dot = ".\0"u8)
        {
            folder = (int)Raw.OpenAt2(root, end == path ? dot : path, (ulong)(OpenFlags.Path | OpenFlags.Directory | OpenFlags.CloseOnExec), 0, resolve);
        }

        *end = saved;
        return folder;
    }

    /// <summary>Makes the folder <paramref name="path"/>, whose parent exists.</summary>
    private static void MakeOne(ChildProgram* program, int root, byte* path, int index, ulong resolve)
    {
        byte* name = path + Length(path);
        while (name > path && name[-1] != '/')
        {
            name--;
        }

        int parent = OpenFolder(root, path, name, resolve);
        CheckStep(program, parent, index);
        CheckStep(program, Raw.Call(SyscallNumbers.MkdirAt, parent, (nint)name, (nint)DirectoryMode), index);
        Raw.Close(parent);
    }

    private static void MakeSymlink(ChildProgram* program, int root, ChildStep* step, int index)
    {
        ulong resolve = OpenFlags.ResolveInRoot | OpenFlags.ResolveNoMagicLinks;
        int parent = OpenParent(program, root, step, index, resolve, out byte* name);
        nint result = Raw.Call(SyscallNumbers.SymlinkAt, (nint)step->Text, parent, (nint)name);
        if (result < 0 && Raw.Errno != 17)
        {
            Fail(program, LaunchStage.SetupStep, index);
        }

        Raw.Close(parent);
    }

    private static void MakeDevice(ChildProgram* program, int root, ChildStep* step, int index)
    {
        ulong resolve = OpenFlags.ResolveInRoot | OpenFlags.ResolveNoMagicLinks;
        int parent = OpenParent(program, root, step, index, resolve, out byte* name);
        nint result = Raw.Call(SyscallNumbers.MknodAt, parent, (nint)name, (nint)step->Mode, (nint)step->Number);
        if (result < 0)
        {
            RequireDevice(program, parent, name, step, index);
        }

        const int noFollow = 0x100;
        CheckStep(program, Raw.Call(SyscallNumbers.FchownAt, parent, (nint)name, (nint)step->Uid, (nint)step->Gid, noFollow), index);
        Raw.Close(parent);
    }

    /// <summary>mknod failed: what the image has under that name has to be the very same device.</summary>
    private static void RequireDevice(ChildProgram* program, int parent, byte* name, ChildStep* step, int index)
    {
        const int exists = 17;
        if (Raw.Errno != exists)
        {
            Fail(program, LaunchStage.SetupStep, index);
        }

        int fd = (int)Raw.Call(SyscallNumbers.OpenAt, parent, (nint)name, OpenFlags.Path | OpenFlags.NoFollow | OpenFlags.CloseOnExec);
        CheckStep(program, fd, index);
        FileStatus status;
        CheckStep(program, FileStatus.Read(fd, &status), index);
        if (!status.IsNode(step->Mode, step->Number))
        {
            FailWith(program, LaunchStage.SetupStep, index, exists);
        }

        Raw.Close(fd);
    }

    /// <summary>
    /// Opens a file of procfs and makes sure that it is that file: the folder is the root of a procfs, and neither a link nor
    /// another mount is on the way (CVE-2025-52881). Negative, with errno, where it is not.
    /// </summary>
    private static int OpenInProc(int root, byte* path, int flags)
    {
        int proc, fd = -1;
        fixed (byte* name = "proc\0"u8)
        {
            proc = (int)Raw.OpenAt2(root, name, (ulong)(OpenFlags.Path | OpenFlags.Directory | OpenFlags.CloseOnExec), 0, OpenFlags.ResolveInRoot | OpenFlags.ResolveNoSymlinks);
        }

        if (proc < 0)
        {
            return proc;
        }

        FileStatus status;
        const ulong rootInode = 1; // PROC_ROOT_INO
        if (FileSystem(proc) == ProcMagic && FileStatus.Read(proc, &status) >= 0 && status.Inode == rootInode)
        {
            fd = (int)Raw.OpenAt2(proc, path, (ulong)(uint)(flags | OpenFlags.CloseOnExec), 0, OnOneMount);
        }
        else
        {
            Raw.SetErrno(22); // EINVAL
        }

        int errno = Raw.Errno;
        Raw.Close(proc);
        Raw.SetErrno(errno);
        return fd;
    }

    /// <summary>
    /// A mount whose configured place is elsewhere and whose real one, by a link in the image, is in /proc or /sys: it would
    /// put files of the image's choice in front of the kernel's (CVE-2019-16884, CVE-2023-28642).
    /// </summary>
    private static bool LeadsIntoKernelFiles(byte* path, int target)
    {
        bool proc = path[0] == 'p' && path[1] == 'r' && path[2] == 'o' && path[3] == 'c' && path[4] is 0 or (byte)'/';
        bool sys = path[0] == 's' && path[1] == 'y' && path[2] == 's' && path[3] is 0 or (byte)'/';
        return !proc && !sys && FileSystem(target) is ProcMagic or SysMagic;
    }

    private static nint FileSystem(int fd)
    {
        byte* statistics = stackalloc byte[128];
        return Raw.Call(SyscallNumbers.Fstatfs, fd, (nint)statistics) < 0 ? 0 : *(nint*)statistics;
    }

    /// <summary>Writes below the container's own, freshly mounted /proc.</summary>
    private static void WriteSysctl(ChildProgram* program, int root, ChildStep* step, int index)
    {
        int fd = OpenInProc(root, step->Path, OpenFlags.WriteOnly);
        CheckStep(program, fd, index);
        CheckStep(program, Raw.Call(SyscallNumbers.Write, fd, (nint)step->Text, Length(step->Text)), index);
        Raw.Close(fd);
    }
}
