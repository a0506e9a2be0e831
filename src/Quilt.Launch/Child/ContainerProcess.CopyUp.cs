namespace Quilt.Launch.Child;

internal static unsafe partial class ContainerProcess
{
    // Two descriptors and a few kilobytes of stack for each.
    private const int DeepestFolder = 200;
    private const nint NameOffset = 19; // struct linux_dirent64 (getdents64(2))

    /// <summary>
    /// Copies what a folder of the image has into a new file system: owners, permissions and, where the new one takes them,
    /// extended attributes. Each name is looked up in its open folder and no link is followed, so that what the image has in it
    /// cannot lead elsewhere.
    /// </summary>
    private static void CopyFolder(ChildProgram* program, int from, int to, int index, int depth)
    {
        if (depth > DeepestFolder)
        {
            FailWith(program, LaunchStage.SetupStep, index, 40); // ELOOP
        }

        int folder;
        fixed (byte* dot = ".\0"u8)
        {
            folder = (int)Raw.Call(SyscallNumbers.OpenAt, from, (nint)dot, OpenFlags.ReadOnly | OpenFlags.Directory | OpenFlags.NoFollow | OpenFlags.CloseOnExec);
        }

        CheckStep(program, folder, index);
        const int size = 4096;
        byte* entries = stackalloc byte[size];
        while (true)
        {
            nint count = Raw.Call(SyscallNumbers.GetDents64, folder, (nint)entries, size);
            CheckStep(program, count, index);
            if (count == 0)
            {
                break;
            }

            for (byte* entry = entries; entry < entries + count; entry += *(ushort*)(entry + 16))
            {
                byte* name = entry + NameOffset;
                bool itselfOrAbove = name[0] == '.' && (name[1] == 0 || (name[1] == '.' && name[2] == 0));
                if (!itselfOrAbove)
                {
                    CopyEntry(program, folder, to, name, index, depth);
                }
            }
        }

        Raw.Close(folder);
    }

    private static void CopyEntry(ChildProgram* program, int from, int to, byte* name, int index, int depth)
    {
        FileStatus status;
        CheckStep(program, FileStatus.ReadAt(from, name, &status), index);
        if (status.IsDirectory || status.IsRegular)
        {
            int source = (int)Raw.Call(SyscallNumbers.OpenAt, from, (nint)name, OpenFlags.ReadOnly | OpenFlags.NoFollow | OpenFlags.NonBlocking | OpenFlags.CloseOnExec | (status.IsDirectory ? OpenFlags.Directory : 0));
            CheckStep(program, source, index);
            int copy = status.IsDirectory ? MakeFolderIn(program, to, name, index) : MakeFileIn(program, to, name, index);
            if (status.IsDirectory)
            {
                CopyFolder(program, source, copy, index, depth + 1);
            }
            else
            {
                CopyContent(program, source, copy, index);
            }

            // The owner first: its change takes set-user-ID bits and file capabilities away.
            CheckStep(program, Raw.Call(SyscallNumbers.Fchown, copy, (nint)status.Uid, (nint)status.Gid), index);
            CheckStep(program, Raw.Call(SyscallNumbers.Fchmod, copy, (nint)status.Permissions), index);
            CopyAttributes(source, copy);
            Raw.Close(source);
            Raw.Close(copy);
            return;
        }

        if (status.IsLink)
        {
            CopyLink(program, from, to, name, index);
        }
        else
        {
            CheckStep(program, Raw.Call(SyscallNumbers.MknodAt, to, (nint)name, (nint)status.Mode, (nint)status.DeviceNumber), index);
        }

        const int noFollow = 0x100;
        CheckStep(program, Raw.Call(SyscallNumbers.FchownAt, to, (nint)name, (nint)status.Uid, (nint)status.Gid, noFollow), index);
    }

    private static int MakeFolderIn(ChildProgram* program, int parent, byte* name, int index)
    {
        const int ownersAlone = 0x1C0; // until it is whole
        CheckStep(program, Raw.Call(SyscallNumbers.MkdirAt, parent, (nint)name, ownersAlone), index);
        int folder = (int)Raw.Call(SyscallNumbers.OpenAt, parent, (nint)name, OpenFlags.ReadOnly | OpenFlags.Directory | OpenFlags.NoFollow | OpenFlags.CloseOnExec);
        CheckStep(program, folder, index);
        return folder;
    }

    private static int MakeFileIn(ChildProgram* program, int parent, byte* name, int index)
    {
        const int ownersAlone = 0x180;
        int file = (int)Raw.Call(SyscallNumbers.OpenAt, parent, (nint)name, OpenFlags.WriteOnly | OpenFlags.Create | OpenFlags.Exclusive | OpenFlags.NoFollow | OpenFlags.CloseOnExec, ownersAlone);
        CheckStep(program, file, index);
        return file;
    }

    private static void CopyContent(ChildProgram* program, int from, int to, int index)
    {
        const nint most = 1 << 30;
        nint count;
        do
        {
            count = Raw.Call(SyscallNumbers.SendFile, to, from, 0, most);
            CheckStep(program, count, index);
        }
        while (count > 0);
    }

    private static void CopyLink(ChildProgram* program, int from, int to, byte* name, int index)
    {
        const int size = 4096;
        byte* target = stackalloc byte[size];
        nint length = Raw.Call(SyscallNumbers.ReadLinkAt, from, (nint)name, (nint)target, size - 1);
        CheckStep(program, length, index);
        target[length] = 0;
        CheckStep(program, Raw.Call(SyscallNumbers.SymlinkAt, (nint)target, to, (nint)name), index);
    }

    /// <summary>Those that can be had: a file system may take none of a kind, and a user namespace not set another's.</summary>
    private static void CopyAttributes(int from, int to)
    {
        const int listSize = 4096, valueSize = 4096;
        byte* names = stackalloc byte[listSize];
        byte* value = stackalloc byte[valueSize];
        nint length = Raw.Call(SyscallNumbers.FListXattr, from, (nint)names, listSize);
        for (byte* name = names; name < names + length; name += Length(name) + 1)
        {
            nint count = Raw.Call(SyscallNumbers.FGetXattr, from, (nint)name, (nint)value, valueSize);
            if (count >= 0)
            {
                Raw.Call(SyscallNumbers.FSetXattr, to, (nint)name, (nint)value, count, 0);
            }
        }
    }
}
