namespace Quilt.Launch.Child;

internal static unsafe partial class ContainerProcess
{
    private const uint DirectoryMode = 0x1ED; // 0755

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

        uint mode = step->Op == ChildOp.MakeDirectory && step->Mode != 0 ? step->Mode : DirectoryMode;
        int parent = OpenParent(program, root, step, index, resolve, out byte* name);
        if (*name != 0)
        {
            if ((step->Flags & ChildStepFlags.TargetIsFile) != 0)
            {
                int file = (int)Raw.Call(SyscallNumbers.OpenAt, parent, (nint)name, OpenFlags.WriteOnly | OpenFlags.Create | OpenFlags.Exclusive | OpenFlags.NoFollow | OpenFlags.CloseOnExec, 0x1A4);
                CheckStep(program, file, index);
                Raw.Close(file);
            }
            else
            {
                CheckStep(program, Raw.Call(SyscallNumbers.MkdirAt, parent, (nint)name, (nint)mode), index);
            }
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
        byte* end = path;
        while (true)
        {
            // The prefix up to the next name, cut in place: the program is our own copy.
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
                break;
            }

            byte saved = *end;
            *end = 0;
            int exists = (int)Raw.OpenAt2(root, path, (ulong)(OpenFlags.Path | OpenFlags.Directory | OpenFlags.CloseOnExec), 0, resolve);
            if (exists < 0 && Raw.Errno == 2)
            {
                MakeOne(program, root, path, index, resolve);
            }
            else
            {
                CheckStep(program, exists, index);
                Raw.Close(exists);
            }

            *end = saved;
        }

        int parent = root;
        byte one = *last;
        *last = 0;
        fixed (byte* dot = ".\0"u8)
        {
            parent = (int)Raw.OpenAt2(root, last == path ? dot : path, (ulong)(OpenFlags.Path | OpenFlags.Directory | OpenFlags.CloseOnExec), 0, resolve);
        }

        *last = one;
        CheckStep(program, parent, index);
        return parent;
    }

    /// <summary>Makes the folder <paramref name="path"/>, whose parent exists.</summary>
    private static void MakeOne(ChildProgram* program, int root, byte* path, int index, ulong resolve)
    {
        byte* slash = path + Length(path);
        while (slash > path && *slash != '/')
        {
            slash--;
        }

        int parent;
        byte* name = path;
        if (*slash == '/')
        {
            name = slash + 1;
            byte first = *name;
            *name = 0;
            parent = (int)Raw.OpenAt2(root, path, (ulong)(OpenFlags.Path | OpenFlags.Directory | OpenFlags.CloseOnExec), 0, resolve);
            *name = first;
        }
        else
        {
            fixed (byte* dot = ".\0"u8)
            {
                parent = (int)Raw.OpenAt2(root, dot, (ulong)(OpenFlags.Path | OpenFlags.Directory | OpenFlags.CloseOnExec), 0, resolve);
            }
        }

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
        nint old = Raw.Call(SyscallNumbers.Umask, 0);
        nint result = Raw.Call(SyscallNumbers.MknodAt, parent, (nint)name, (nint)step->Mode, (nint)step->Number);
        Raw.Call(SyscallNumbers.Umask, old);
        if (result < 0 && Raw.Errno != 17)
        {
            Fail(program, LaunchStage.SetupStep, index);
        }

        const int noFollow = 0x100;
        CheckStep(program, Raw.Call(SyscallNumbers.FchownAt, parent, (nint)name, (nint)step->Uid, (nint)step->Gid, noFollow), index);
        Raw.Close(parent);
    }

    /// <summary>Writes below the container's own, freshly mounted /proc, and makes sure that it is procfs (CVE-2025-52881).</summary>
    private static void WriteSysctl(ChildProgram* program, int root, ChildStep* step, int index)
    {
        int fd = (int)Raw.OpenAt2(root, step->Path, (ulong)(OpenFlags.WriteOnly | OpenFlags.CloseOnExec), 0,
            OpenFlags.ResolveInRoot | OpenFlags.ResolveNoMagicLinks | OpenFlags.ResolveNoSymlinks);
        CheckStep(program, fd, index);
        byte* statistics = stackalloc byte[128];
        const nint procSuperMagic = 0x9fa0;
        CheckStep(program, Raw.Call(SyscallNumbers.Fstatfs, fd, (nint)statistics), index);
        if (*(nint*)statistics != procSuperMagic)
        {
            FailWith(program, LaunchStage.SetupStep, index, 22);
        }

        CheckStep(program, Raw.Call(SyscallNumbers.Write, fd, (nint)step->Text, Length(step->Text)), index);
        Raw.Close(fd);
    }
}
