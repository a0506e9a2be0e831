using System.Runtime.InteropServices;

namespace Quilt.Linux;

/// <summary>The end of a pseudoterminal that its owner reads, writes and resizes (pty(7)).</summary>
public sealed unsafe class PseudoTerminal : IDisposable
{
    private PseudoTerminal(FileDescriptor controller) => Controller = controller;

    public FileDescriptor Controller { get; }

    /// <summary>A new one of the devpts instance whose <c>ptmx</c> is given.</summary>
    /// <param name="ptmx">Its folder is the caller's affair: inside a container, open it by <see cref="RootedPath"/> and use the other overload.</param>
    public static PseudoTerminal Open(string ptmx = "/dev/ptmx") =>
        Take(Sys.Open(ptmx, OpenMode.ReadWrite | OpenMode.NoControllingTerminal | OpenMode.NoFollow));

    /// <summary>From a descriptor of <c>ptmx</c> just opened; it is owned from now on.</summary>
    public static PseudoTerminal Take(FileDescriptor ptmx)
    {
        int unlocked = 0;
        if (LibC.ioctl(ptmx.Number, TerminalRequests.SetLock, &unlocked) >= 0)
        {
            return new PseudoTerminal(ptmx);
        }

        SyscallException failure = SyscallException.Last("ioctl TIOCSPTLCK", "ptmx");
        ptmx.Dispose();
        throw failure;
    }

    /// <summary>The process's end. It is opened from ours, so no path can be exchanged for something else.</summary>
    public FileDescriptor OpenPeer()
    {
        OpenMode flags = OpenMode.ReadWrite | OpenMode.NoControllingTerminal | OpenMode.CloseOnExec;
        int fd = LibC.ioctl(Controller.Number, TerminalRequests.OpenPeer, (void*)(nint)flags.ToKernel());
        return fd >= 0 ? new FileDescriptor(fd) : throw SyscallException.Last("ioctl TIOCGPTPEER", "ptmx");
    }

    /// <summary>Its size; the processes in front get SIGWINCH when it changes.</summary>
    public TerminalSize Size
    {
        get
        {
            ushort* size = stackalloc ushort[4];
            Request(Controller, TerminalRequests.GetSize, size, "TIOCGWINSZ");
            return new TerminalSize(size[1], size[0]);
        }

        set => SetSize(Controller, value);
    }

    /// <summary>Resizes a terminal that is known by its controller alone.</summary>
    public static void SetSize(FileDescriptor controller, TerminalSize size)
    {
        ushort* four = stackalloc ushort[4] { size.Rows, size.Columns, 0, 0 };
        Request(controller, TerminalRequests.SetSize, four, "TIOCSWINSZ");
    }

    public void Dispose() => Controller.Dispose();

    private static void Request(FileDescriptor controller, uint request, void* argument, string name)
    {
        if (LibC.ioctl(controller.Number, request, argument) < 0)
        {
            throw new SyscallException($"ioctl {name}", "ptmx", (Errno)Marshal.GetLastPInvokeError());
        }
    }
}
