using System.Runtime.InteropServices;

namespace Quilt.Linux;

/// <summary>epoll(7) for a loop of one thread. Waiting allocates nothing.</summary>
public sealed unsafe class EventPoll : IDisposable
{
    private const int Add = 1, Delete = 2, Modify = 3, CloseOnExec = 0x80000;

    // struct epoll_event is packed on x86-64 alone, so that the 32-bit layout holds there.
    private static readonly int DataOffset = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 4 : 8;
    private static readonly int Stride = DataOffset + sizeof(ulong);
    private readonly FileDescriptor _epoll;
    private readonly int _capacity;
    private byte* _events;

    /// <param name="capacity">How many events one wait can bring; the others come with the next.</param>
    public EventPoll(int capacity = 64)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, 1);
        int fd = LibC.epoll_create1(CloseOnExec);
        _epoll = fd >= 0 ? new FileDescriptor(fd) : throw SyscallException.Last("epoll_create1");
        _capacity = capacity;
        _events = (byte*)NativeMemory.AllocZeroed((nuint)capacity, (nuint)Stride);
    }

    /// <param name="token">Comes back with each event of this file.</param>
    /// <exception cref="SyscallException">EPERM for a file that is always ready, such as a regular one.</exception>
    public void Watch(FileDescriptor file, EventKind kinds, ulong token) => Control(Add, file, kinds, token);

    public void Change(FileDescriptor file, EventKind kinds, ulong token) => Control(Modify, file, kinds, token);

    /// <summary>To be called before the file is closed: a duplicate of it elsewhere would keep it watched.</summary>
    public void Forget(FileDescriptor file) => Control(Delete, file, EventKind.None, 0);

    /// <summary>Waits for at least one event.</summary>
    /// <param name="timeoutMillis">-1 is for ever, 0 not at all.</param>
    /// <returns>How many came; 0 at the timeout or after a signal.</returns>
    public int Wait(int timeoutMillis)
    {
        ObjectDisposedException.ThrowIf(_events is null, this);
        int count = LibC.epoll_wait(_epoll.Number, _events, _capacity, timeoutMillis);
        if (count >= 0)
        {
            return count;
        }

        return (Errno)Marshal.GetLastPInvokeError() == Errno.EINTR ? 0 : throw SyscallException.Last("epoll_wait");
    }

    /// <summary>One of the last wait's events.</summary>
    public (ulong Token, EventKind Kinds) this[int index]
    {
        get
        {
            ObjectDisposedException.ThrowIf(_events is null, this);
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)_capacity, nameof(index));
            byte* one = _events + (index * Stride);
            return (*(ulong*)(one + DataOffset), *(EventKind*)one);
        }
    }

    public void Dispose()
    {
        _epoll.Dispose();
        NativeMemory.Free(_events);
        _events = null;
    }

    private void Control(int operation, FileDescriptor file, EventKind kinds, ulong token)
    {
        byte* change = stackalloc byte[16];
        *(EventKind*)change = kinds;
        *(ulong*)(change + DataOffset) = token;
        if (LibC.epoll_ctl(_epoll.Number, operation, file.Number, change) < 0)
        {
            throw SyscallException.Last("epoll_ctl");
        }
    }
}
