namespace Quilt.Launch.Child;

internal static unsafe partial class ContainerProcess
{
    private const int SigInt = 2, SigQuit = 3, SigHup = 1, SigTerm = 15, SigTtin = 21, SigTtou = 22;

    /// <summary>
    /// PID 1 becomes the init: it reaps, passes signals on to the command, and ends as the command does. It is this very
    /// process, which executes nothing: no file for it is in the image or on the host, its memory is the launcher's own
    /// copy-on-write pages, and since it never executes, the kernel keeps it closed to everyone inside (ptrace(2), dumpable).
    /// </summary>
    private static void BecomeInit(ChildProgram* program)
    {
        Confine(program);
        TakeName(program);
        if (program->KeepAlive != 0)
        {
            CloseAll();
            KeepAlive();
        }

        // As vfork(2) does: we go on once it has executed the command or has failed. Not clone3: the filter, which is already
        // loaded, cannot see its flags and refuses it.
        int command = Raw.CloneSharing(&RunCommand, program->CommandStack, CloneSharedMemory | CloneWait | SigChild, program);
        Check(program, command, LaunchStage.ForkCommand);
        CloseAll();
        Attend(command);
    }

    private static int RunCommand(void* argument)
    {
        ChildProgram* program = (ChildProgram*)argument;
        Check(program, Raw.Call(SyscallNumbers.Setsid), LaunchStage.NewSession);
        if (program->Terminal != 0)
        {
            TakeTerminal(program);
        }

        Execute(program);
        return 0;
    }

    /// <summary>Covers the launcher's command line, which names host paths and may hold secrets, before there is anyone to read it.</summary>
    private static void TakeName(ChildProgram* program)
    {
        byte* end = program->ArgumentsEnd;
        ReadOnlySpan<byte> name = "quilt-init"u8;
        int index = 0;
        for (byte* c = program->ArgumentsStart; c < end; c++, index++)
        {
            *c = index < name.Length && c + 1 < end ? name[index] : (byte)0;
        }

        const int setName = 15;
        fixed (byte* text = "quilt-init\0"u8)
        {
            Raw.Call(SyscallNumbers.Prctl, setName, (nint)text);
        }
    }

    /// <summary>Gives up the launcher's descriptors, our end of the control socket with them: its end once the command has executed, too.</summary>
    private static void CloseAll() => Raw.Call(SyscallNumbers.CloseRange, 0, unchecked((nint)uint.MaxValue), 0);

    private static void Attend(int command)
    {
        while (true)
        {
            int signal = NextSignal();
            if (signal == SigChild)
            {
                Reap(command);
            }
            else if (signal is not (SigTtin or SigTtou))
            {
                Raw.Call(SyscallNumbers.Kill, command, signal);
            }
        }
    }

    /// <summary>No command: hold the container until it is asked to stop.</summary>
    private static void KeepAlive()
    {
        while (true)
        {
            int signal = NextSignal();
            if (signal == SigChild)
            {
                Reap(-1);
            }
            else if (signal is SigTerm or SigInt or SigQuit or SigHup)
            {
                Exit(0);
            }
        }
    }

    private static int NextSignal()
    {
        ulong all = ulong.MaxValue;
        return (int)Raw.Call(SyscallNumbers.RtSigtimedwait, (nint)(&all), 0, 0, 8);
    }

    /// <summary>Reaps all that have ended; when the command is among them, ends with its code, or 128 + its signal.</summary>
    private static void Reap(int command)
    {
        const int noHang = 1, everyKind = 0x40000000;
        while (true)
        {
            int status = 0;
            nint pid = Raw.Call(SyscallNumbers.Wait4, -1, (nint)(&status), noHang | everyKind, 0);
            if (pid <= 0)
            {
                return;
            }

            if (pid == command)
            {
                int signal = status & 0x7f;
                Exit(signal == 0 ? (status >> 8) & 0xff : 128 + signal);
            }
        }
    }
}
