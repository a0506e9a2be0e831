namespace Quilt.Linux;

public static unsafe partial class Sys
{
    private const int PidFdOpenNumber = 434, PidFdSendSignalNumber = 424;

    /// <summary>A descriptor that names the process for certain; it can be polled for its end.</summary>
    /// <seealso href="https://man7.org/linux/man-pages/man2/pidfd_open.2.html"/>
    public static FileDescriptor PidFdOpen(int pid)
    {
        nint fd = LibC.syscall(PidFdOpenNumber, pid, 0, 0, 0, 0, 0);
        return fd >= 0 ? new FileDescriptor((int)fd) : throw SyscallException.Last("pidfd_open", $"{pid}");
    }

    /// <summary>Ends this process without a word to anyone in it (_exit(2)).</summary>
    [System.Diagnostics.CodeAnalysis.DoesNotReturn]
    public static void Exit(int code) => LibC._exit(code);

    /// <summary>Sends a signal; false where the process has ended.</summary>
    public static bool PidFdSendSignal(FileDescriptor process, int signal)
    {
        if (LibC.syscall(PidFdSendSignalNumber, process.Number, signal, 0, 0, 0, 0) >= 0)
        {
            return true;
        }

        return LastErrno() == Errno.ESRCH ? false : throw SyscallException.Last("pidfd_send_signal", $"signal {signal}");
    }

    /// <summary>Sends a signal; false where there is no such process.</summary>
    public static bool Kill(int pid, int signal)
    {
        if (LibC.kill(pid, signal) >= 0)
        {
            return true;
        }

        return LastErrno() == Errno.ESRCH ? false : throw SyscallException.Last("kill", $"{pid}, {signal}");
    }

    /// <summary>Ignores a signal, here and in the programs that we start (signal(7)).</summary>
    public static void Ignore(int signal)
    {
        const nint ignore = 1, failed = -1;
        if (LibC.signal(signal, ignore) == failed)
        {
            throw SyscallException.Last("signal", $"{signal}");
        }
    }

    /// <summary>Reaps a child of ours, waiting for its end unless <paramref name="wait"/> is false.</summary>
    /// <returns>Null where it runs on.</returns>
    public static ProcessEnd? WaitId(int pid, bool wait)
    {
        const int byPid = 1, exited = 4, noHang = 1, allChildren = 0x40000000, codeExited = 1;
        byte* info = stackalloc byte[128];
        new Span<byte>(info, 128).Clear();
        int result;
        do
        {
            result = LibC.waitid(byPid, pid, info, exited | allChildren | (wait ? 0 : noHang), 0);
        }
        while (result < 0 && LastErrno() == Errno.EINTR);
        Check(result, "waitid", $"{pid}");
        int signalNumber = *(int*)info, code = *(int*)(info + 8), status = *(int*)(info + 24);
        if (signalNumber == 0)
        {
            return null;
        }

        return code == codeExited ? new ProcessEnd(status, 0) : new ProcessEnd(128 + status, status);
    }

    /// <summary>Sets both limits of another process's resource (prlimit(2)).</summary>
    public static void SetResourceLimit(int pid, int resource, ulong soft, ulong hard)
    {
        ulong* limit = stackalloc ulong[2] { soft, hard };
        Check(LibC.prlimit(pid, resource, limit, 0), "prlimit", $"resource {resource}");
    }

    /// <summary>A process's limits of a resource (prlimit(2)).</summary>
    /// <param name="pid">0 is this one.</param>
    public static (ulong Soft, ulong Hard) GetResourceLimit(int resource, int pid = 0)
    {
        ulong* limit = stackalloc ulong[2];
        Check(LibC.prlimit(pid, resource, null, (nint)limit), "prlimit", $"resource {resource}");
        return (limit[0], limit[1]);
    }

    /// <summary>The effective user id of this process.</summary>
    public static uint UserId => LibC.geteuid();

    /// <summary>prctl(2).</summary>
    public static void ProcessControl(int option, ulong argument) =>
        Check(LibC.prctl(option, (nuint)argument, 0, 0, 0), "prctl", $"{option}");
}

/// <param name="ExitCode">The exit status; 128 + signal where a signal ended it.</param>
/// <param name="Signal">The signal that ended it, or 0.</param>
public readonly record struct ProcessEnd(int ExitCode, int Signal);
