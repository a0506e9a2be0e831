using System.Runtime.InteropServices;
using Quilt.Linux;

namespace Quilt.OciRuntime;

/// <summary>Carries between our terminal and the container's while a process runs in the foreground. Ours is raw meanwhile.</summary>
internal sealed class TerminalRelay : IDisposable
{
    // What the last process wrote may still be on its way when it has ended; a process left behind may hold the terminal for ever.
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(1);

    private readonly FileDescriptor _console;
    private readonly FileDescriptor _stdin = new(0, ownsHandle: false), _stdout = new(1, ownsHandle: false);
    private readonly TerminalMode? _before;
    private readonly PosixSignalRegistration _resized;
    private readonly Thread _output;

    internal TerminalRelay(FileDescriptor console)
    {
        _console = console;
        Resize();
        _resized = PosixSignalRegistration.Create(PosixSignal.SIGWINCH, _ => Resize());
        _before = TerminalMode.TryGet(_stdin);
        _before?.Raw().Apply(_stdin);
        _output = new Thread(() => Carry(_console, _stdout)) { IsBackground = true };
        _output.Start();
        new Thread(() => Carry(_stdin, _console)) { IsBackground = true }.Start();
    }

    private void Resize()
    {
        if (TerminalMode.TryGetSize(_stdin) is { } size)
        {
            PseudoTerminal.SetSize(_console, size);
        }
    }

    private static void Carry(FileDescriptor from, FileDescriptor to)
    {
        byte[] buffer = new byte[16384];
        try
        {
            int count;
            while ((count = Sys.ReadShared(from, buffer, "terminal")) > 0)
            {
                Sys.WriteShared(to, buffer.AsSpan(0, count), "terminal");
            }
        }
        catch (SyscallException)
        {
            // EIO: the other side has closed; EPIPE: nobody reads ours.
        }
    }

    public void Dispose()
    {
        _output.Join(Rest);
        _resized.Dispose();
        _before?.Apply(_stdin);
    }
}
