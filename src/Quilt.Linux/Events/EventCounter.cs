namespace Quilt.Linux;

/// <summary>A counter that another thread or process raises to wake a loop (eventfd(2)).</summary>
public sealed class EventCounter : IDisposable
{
    private const int CloseOnExec = 0x80000, NonBlocking = 0x800;

    public EventCounter()
    {
        int fd = LibC.eventfd(0, CloseOnExec | NonBlocking);
        File = fd >= 0 ? new FileDescriptor(fd) : throw SyscallException.Last("eventfd");
    }

    /// <summary>Readable while the counter is not zero.</summary>
    public FileDescriptor File { get; }

    public unsafe void Raise()
    {
        ulong one = 1;
        if (LibC.write(File.Number, (byte*)&one, sizeof(ulong)) < 0)
        {
            throw SyscallException.Last("write", "eventfd");
        }
    }

    /// <summary>How often it was raised since the last time; 0 is not at all.</summary>
    public ulong Take() => KernelCounter.Take(File, "eventfd");

    public void Dispose() => File.Dispose();
}
