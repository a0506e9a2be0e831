using System.Runtime.InteropServices;

namespace Quilt.Launch.Child;

internal static unsafe partial class ContainerProcess
{
    private const int MaxFdsInMessage = 250; // SCM_MAX_FD is 253 (unix(7))

    private static void Check(ChildProgram* program, nint result, LaunchStage stage, int value = 0)
    {
        if (result < 0)
        {
            Fail(program, stage, value);
        }
    }

    private static void Fail(ChildProgram* program, LaunchStage stage, int value) => FailWith(program, stage, value, Raw.Errno);

    private static void FailWith(ChildProgram* program, LaunchStage stage, int value, int errno)
    {
        ControlMessage message = new() { Kind = ControlKind.Failed, Stage = stage, Errno = errno, Value = value };
        Raw.Call(SyscallNumbers.Write, program->Control, (nint)(&message), sizeof(ControlMessage));
        Exit(stage == LaunchStage.Exec && errno == 2 ? 127 : 126);
    }

    private static void Exit(int code)
    {
        while (true)
        {
            Raw.Call(SyscallNumbers.Exit, code);
        }
    }

    private static void Tell(ChildProgram* program, ControlKind kind, int value = 0)
    {
        ControlMessage message = new() { Kind = kind, Value = value };
        Check(program, Raw.Call(SyscallNumbers.Write, program->Control, (nint)(&message), sizeof(ControlMessage)), LaunchStage.ReceivePlan);
    }

    /// <summary>Waits for the parent's word, and takes the descriptors that come with it. End of file: the parent has died.</summary>
    private static void Receive(ChildProgram* program, LaunchStage stage, ControlKind expected, int* into = null, int room = 0)
    {
        const int controlSize = 16 + (MaxFdsInMessage * sizeof(int));
        byte* control = stackalloc byte[controlSize];
        int received = 0, wanted;
        do
        {
            ControlMessage message = default;
            IoVector vector = new() { Base = (nint)(&message), Length = sizeof(ControlMessage) };
            MessageHeader header = new() { Vectors = (nint)(&vector), VectorCount = 1, Control = (nint)control, ControlLength = controlSize };
            const int closeOnExec = 0x40000000;
            nint count = Raw.Call(SyscallNumbers.Recvmsg, program->Control, (nint)(&header), closeOnExec);
            Check(program, count, stage);
            if (count < sizeof(ControlMessage) || message.Kind != expected)
            {
                Exit(125);
            }

            const int truncated = 8, tooManyFiles = 24; // MSG_CTRUNC, EMFILE
            if ((header.Flags & truncated) != 0)
            {
                // No room for all descriptors: those that are missing come no more.
                FailWith(program, stage, 0, tooManyFiles);
            }

            wanted = message.Value;
            if (header.ControlLength >= 16)
            {
                int fds = (int)((*(nint*)control - 16) / sizeof(int));
                for (int i = 0; i < fds && received < room; i++)
                {
                    into[received++] = ((int*)(control + 16))[i];
                }
            }
        }
        while (received < wanted);
    }

    private static void SendFd(ChildProgram* program, ControlKind kind, int fd, LaunchStage stage)
    {
        ControlMessage message = new() { Kind = kind };
        byte* control = stackalloc byte[24];
        *(nint*)control = 20; // CMSG_LEN(sizeof(int))
        *(int*)(control + 8) = 1; // SOL_SOCKET
        *(int*)(control + 12) = 1; // SCM_RIGHTS
        *(int*)(control + 16) = fd;
        *(int*)(control + 20) = 0;
        IoVector vector = new() { Base = (nint)(&message), Length = sizeof(ControlMessage) };
        MessageHeader header = new() { Vectors = (nint)(&vector), VectorCount = 1, Control = (nint)control, ControlLength = 24 };
        Check(program, Raw.Call(SyscallNumbers.Sendmsg, program->Control, (nint)(&header), 0), stage);
    }

    /// <summary>Says that all is prepared and waits for the order to run, from the parent or, where it is gone, by the start socket.</summary>
    private static void AwaitStart(ChildProgram* program)
    {
        Tell(program, ControlKind.Ready);
        if (program->StartAtOnce != 0)
        {
            return;
        }

        if (program->StartListener < 0)
        {
            Receive(program, LaunchStage.ReceivePlan, ControlKind.Start);
            return;
        }

        const int closeOnExec = 0x80000;
        int connection = (int)Raw.Call(SyscallNumbers.Accept4, program->StartListener, 0, 0, closeOnExec);
        Check(program, connection, LaunchStage.ReceivePlan);
        // From here on failures go to whoever ordered the start.
        Raw.Close(program->Control);
        Raw.Close(program->StartListener);
        program->StartListener = -1;
        program->Control = connection;
        Receive(program, LaunchStage.ReceivePlan, ControlKind.Start);
    }

    private static int Length(byte* text)
    {
        int length = 0;
        while (text[length] != 0)
        {
            length++;
        }

        return length;
    }

    private static byte* Decimal(byte* buffer, int value)
    {
        byte* end = buffer + 11;
        *end = 0;
        do
        {
            *--end = (byte)('0' + (value % 10));
            value /= 10;
        }
        while (value > 0);
        return end;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct IoVector
    {
        internal nint Base;
        internal nint Length;
    }

    /// <summary>struct msghdr, on 64-bit Linux.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct MessageHeader
    {
        internal nint Name;
        internal uint NameLength;
        internal nint Vectors;
        internal nint VectorCount;
        internal nint Control;
        internal nint ControlLength;
        internal int Flags;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct KernelSigaction
    {
        internal nint Handler;
        internal ulong Flags;
        internal nint Restorer;
        internal ulong Mask;
    }
}
