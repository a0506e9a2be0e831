namespace Quilt.Launch.Child;

internal static unsafe partial class ContainerProcess
{
    private const nint TiocSptlck = 0x40045431, TiocGptpeer = 0x5441, TiocSwinsz = 0x5414, TiocSctty = 0x540E;

    /// <summary>
    /// A pseudo-terminal of the container's own devpts. The master goes to the parent; the other side is asked of the master
    /// itself, never opened by a name (TIOCGPTPEER, ioctl_tty(2)). Returns it.
    /// </summary>
    private static int OpenTerminal(ChildProgram* program)
    {
        const int nonBlocking = 0x800;
        int master;
        fixed (byte* path = "/dev/pts/ptmx\0"u8)
        {
            // Non-blocking: whatever a hostile container put there cannot hold us up.
            master = (int)Raw.OpenAt2(AtFdCwd, path, (ulong)(OpenFlags.ReadWrite | OpenFlags.NoControllingTerminal | OpenFlags.CloseOnExec | nonBlocking), 0,
                OpenFlags.ResolveNoSymlinks | OpenFlags.ResolveNoMagicLinks);
        }

        Check(program, master, LaunchStage.OpenTerminal);
        FileStatus status;
        Check(program, FileStatus.Read(master, &status), LaunchStage.OpenTerminal);
        if (!status.IsCharacterDevice(5, 2) || FileSystem(master) != DevptsMagic)
        {
            FailWith(program, LaunchStage.OpenTerminal, 0, 19);
        }

        const int setFlags = 4;
        Check(program, Raw.Call(SyscallNumbers.Fcntl, master, setFlags, OpenFlags.ReadWrite), LaunchStage.OpenTerminal);
        int unlock = 0;
        Check(program, Raw.Call(SyscallNumbers.Ioctl, master, TiocSptlck, (nint)(&unlock)), LaunchStage.OpenTerminal);
        int slave = (int)Raw.Call(SyscallNumbers.Ioctl, master, TiocGptpeer, OpenFlags.ReadWrite | OpenFlags.NoControllingTerminal | OpenFlags.CloseOnExec);
        Check(program, slave, LaunchStage.OpenTerminal);
        if (program->Rows != 0 || program->Columns != 0)
        {
            ushort* size = stackalloc ushort[4];
            size[0] = program->Rows;
            size[1] = program->Columns;
            size[2] = size[3] = 0;
            Check(program, Raw.Call(SyscallNumbers.Ioctl, master, TiocSwinsz, (nint)size), LaunchStage.OpenTerminal);
        }

        Check(program, Raw.Call(SyscallNumbers.Fchown, slave, (nint)program->Uid, -1), LaunchStage.OpenTerminal);
        SendFd(program, ControlKind.Console, master, LaunchStage.OpenTerminal);
        Raw.Close(master);
        if (program->RootPath != null)
        {
            BindConsole(program, slave);
        }

        return slave;
    }

    /// <summary>/dev/console is the terminal's own file, bound by descriptor (CVE-2025-52565).</summary>
    private static void BindConsole(ChildProgram* program, int slave)
    {
        fixed (byte* path = "/dev/console\0"u8)
        {
            byte empty = 0;
            int mount = (int)Raw.Call(SyscallNumbers.OpenTree, slave, (nint)(&empty), OpenTreeClone | OpenTreeCloseOnExec | AtEmptyPath);
            Check(program, mount, LaunchStage.OpenTerminal);
            // What an image has there already is never opened for real: opening a FIFO would wait, opening a device may do something.
            const ulong resolve = OpenFlags.ResolveNoSymlinks | OpenFlags.ResolveNoMagicLinks;
            int target = (int)Raw.OpenAt2(AtFdCwd, path, (ulong)(OpenFlags.Path | OpenFlags.CloseOnExec), 0, resolve);
            if (target < 0 && Raw.Errno == 2)
            {
                target = (int)Raw.OpenAt2(AtFdCwd, path, (ulong)(OpenFlags.WriteOnly | OpenFlags.Create | OpenFlags.Exclusive | OpenFlags.CloseOnExec), 0x180, resolve);
            }

            Check(program, target, LaunchStage.OpenTerminal);
            Check(program, Raw.MoveMount(mount, target), LaunchStage.OpenTerminal);
            Raw.Close(target);
            Raw.Close(mount);
        }
    }

    private static void SetStdio(ChildProgram* program, int slave)
    {
        int* wanted = stackalloc int[3];
        wanted[0] = slave >= 0 ? slave : program->Stdin;
        wanted[1] = slave >= 0 ? slave : program->Stdout;
        wanted[2] = slave >= 0 ? slave : program->Stderr;
        for (int i = 0; i < 3; i++)
        {
            if (wanted[i] != i)
            {
                Check(program, Raw.Call(SyscallNumbers.Dup3, wanted[i], i, 0), LaunchStage.SetStdio, i);
            }

            GiveToUser(program, i);
        }
    }

    /// <summary>
    /// A command opens /dev/stdout anew, for which a pipe has to be its user's. Not /dev/null, which is everybody's; and not what
    /// cannot be given, such as a file whose owner the user namespace does not know.
    /// </summary>
    private static void GiveToUser(ChildProgram* program, int fd)
    {
        FileStatus status;
        if (program->GivesStdio != 0 && FileStatus.Read(fd, &status) >= 0 && status.Uid != program->Uid && !status.IsCharacterDevice(1, 3))
        {
            Raw.Call(SyscallNumbers.Fchown, fd, (nint)program->Uid, -1);
        }
    }

    private static void TakeTerminal(ChildProgram* program) =>
        Check(program, Raw.Call(SyscallNumbers.Ioctl, 0, TiocSctty, 0), LaunchStage.OpenTerminal);
}
