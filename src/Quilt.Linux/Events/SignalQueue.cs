using System.Runtime.InteropServices;

namespace Quilt.Linux;

/// <summary>Signals to be read in a loop instead of interrupting it (signalfd(2)).</summary>
/// <remarks>The kernel gives a signal here only while every thread of the process blocks it: make this before any other thread is.</remarks>
public sealed unsafe class SignalQueue : IDisposable
{
    private const int Block = 0, CloseOnExec = 0x80000, NonBlocking = 0x800, InfoBytes = 128;

    /// <summary>Blocks the signals for the calling thread, and those it makes later, and opens their queue.</summary>
    public SignalQueue(params ReadOnlySpan<int> signals)
    {
        // sigset_t of the C library is 1024 bits; the kernel has 64 of them.
        ulong* mask = stackalloc ulong[16];
        new Span<ulong>(mask, 16).Clear();
        foreach (int signal in signals)
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(signal, 1, nameof(signals));
            ArgumentOutOfRangeException.ThrowIfGreaterThan(signal, 64, nameof(signals));
            mask[0] |= 1UL << (signal - 1);
        }

        if (LibC.sigprocmask(Block, mask, null) < 0)
        {
            throw SyscallException.Last("sigprocmask");
        }

        int fd = LibC.signalfd(-1, mask, CloseOnExec | NonBlocking);
        File = fd >= 0 ? new FileDescriptor(fd) : throw SyscallException.Last("signalfd");
    }

    /// <summary>Readable while a signal waits.</summary>
    public FileDescriptor File { get; }

    /// <summary>Takes the next signal and its sender's pid; false where none waits.</summary>
    public bool TryTake(out int signal, out int sender)
    {
        // struct signalfd_siginfo: ssi_signo, ssi_errno, ssi_code, ssi_pid
        uint* info = stackalloc uint[InfoBytes / sizeof(uint)];
        nint count = LibC.read(File.Number, (byte*)info, InfoBytes);
        if (count < 0 && (Errno)Marshal.GetLastPInvokeError() != Errno.EAGAIN)
        {
            throw SyscallException.Last("read", "signalfd");
        }

        (signal, sender) = count == InfoBytes ? ((int)info[0], (int)info[3]) : (0, 0);
        return count == InfoBytes;
    }

    public void Dispose() => File.Dispose();
}
