using Quilt.Launch.Child;
using Quilt.Linux;

namespace Quilt.Launch;

/// <summary>
/// Passes our own signals on to another process. The handler is what signal-safety(7) allows and no more, one system call; the
/// runtime's way of telling of signals would cost a further thread, which for a short command is a good part of the whole.
/// </summary>
public static unsafe class SignalRelay
{
    private static int s_process;

    /// <summary>From now on, to the end of this process; a signal that the other can't have any more is lost.</summary>
    /// <param name="process">A pidfd that stays open.</param>
    public static void Begin(FileDescriptor process, ReadOnlySpan<int> signals)
    {
        s_process = process.Number;
        foreach (int signal in signals)
        {
            Sys.HandleSignal(signal, &Pass);
        }
    }

    private static void Pass(int signal)
    {
        int errno = Raw.Errno;
        Raw.Call(SyscallNumbers.PidFdSendSignal, s_process, signal);
        Raw.SetErrno(errno);
    }
}
