using System.Runtime.InteropServices;

namespace Quilt.Linux;

/// <summary>How a terminal treats what is typed and shown (termios(3)). Taken, changed and put back as a whole.</summary>
public sealed unsafe class TerminalMode
{
    /// <summary>The kernel's struct termios: four words of flags, the line discipline, 19 control characters.</summary>
    internal const int Size = 36;
    private const int InputFlags = 0, OutputFlags = 1, ControlFlags = 2, LocalFlags = 3;
    private const int MinimumCharacter = 17 + 6, TimeCharacter = 17 + 5; // VMIN and VTIME in c_cc

    // asm-generic/termbits.h, the same on x86-64 and arm64
    private const uint IgnoreBreak = 0x1, BreakInterrupt = 0x2, MarkParity = 0x8, Strip = 0x20, NewlineToReturn = 0x40, IgnoreReturn = 0x80,
        ReturnToNewline = 0x100, OutputFlowControl = 0x400, PostProcess = 0x1, SizeMask = 0x30, EightBits = 0x30, Parity = 0x100,
        Signals = 0x1, Canonical = 0x2, Echo = 0x8, EchoNewline = 0x40, Extended = 0x8000;

    private readonly byte[] _bytes;

    private TerminalMode(byte[] bytes) => _bytes = bytes;

    public static bool IsTerminal(FileDescriptor file) => TryGet(file) is not null;

    /// <summary>The mode it is in; null where it is no terminal.</summary>
    public static TerminalMode? TryGet(FileDescriptor file)
    {
        byte[] bytes = new byte[Size];
        fixed (byte* data = bytes)
        {
            return LibC.ioctl(file.Number, TerminalRequests.GetMode, data) < 0 ? null : new TerminalMode(bytes);
        }
    }

    /// <summary>Columns and rows; null where it is no terminal or does not know.</summary>
    public static TerminalSize? TryGetSize(FileDescriptor file)
    {
        ushort* size = stackalloc ushort[4];
        return LibC.ioctl(file.Number, TerminalRequests.GetSize, size) < 0 || size[1] == 0 ? null : new TerminalSize(size[1], size[0]);
    }

    /// <summary>The same terminal passing every byte on as it is, both ways, as cfmakeraw(3) has it.</summary>
    public TerminalMode Raw()
    {
        byte[] bytes = [.. _bytes];
        Span<uint> flags = MemoryMarshal.Cast<byte, uint>(bytes.AsSpan(0, 16));
        flags[InputFlags] &= ~(IgnoreBreak | BreakInterrupt | MarkParity | Strip | NewlineToReturn | IgnoreReturn | ReturnToNewline | OutputFlowControl);
        flags[OutputFlags] &= ~PostProcess;
        flags[LocalFlags] &= ~(Echo | EchoNewline | Canonical | Signals | Extended);
        flags[ControlFlags] = (flags[ControlFlags] & ~(SizeMask | Parity)) | EightBits;
        bytes[MinimumCharacter] = 1;
        bytes[TimeCharacter] = 0;
        return new TerminalMode(bytes);
    }

    /// <summary>Puts the terminal into this mode, when what was written to it has been shown.</summary>
    /// <exception cref="SyscallException">EIO: the terminal has hung up.</exception>
    public void Apply(FileDescriptor terminal)
    {
        fixed (byte* data = _bytes)
        {
            if (LibC.ioctl(terminal.Number, TerminalRequests.SetModeWhenDrained, data) < 0)
            {
                throw SyscallException.Last("ioctl TCSETSW", "terminal");
            }
        }
    }

    public bool Equals(TerminalMode other) => _bytes.AsSpan().SequenceEqual(other._bytes);
}
