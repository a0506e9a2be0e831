using System.Runtime.InteropServices;

namespace Quilt.Launch.Child;

/// <summary>What the child wants to know of an open file (statx(2), whose layout is the same on every architecture).</summary>
internal struct FileStatus
{
    private const int TypeMask = 0xF000, Directory = 0x4000, CharacterDevice = 0x2000;
    private ushort _mode;
    private uint _major, _minor;

    internal ulong Inode { readonly get; private set; }

    internal readonly bool IsDirectory => (_mode & TypeMask) == Directory;

    internal readonly bool IsCharacterDevice(uint major, uint minor) =>
        (_mode & TypeMask) == CharacterDevice && _major == major && _minor == minor;

    /// <param name="mode">With the file's type.</param>
    /// <param name="number">As mknod(2) takes it; means nothing for a FIFO.</param>
    internal readonly bool IsNode(uint mode, ulong number)
    {
        const int fifo = 0x1000;
        ulong own = (_minor & 0xff) | (_major << 8) | ((ulong)(_minor & ~0xffu) << 12);
        return (_mode & TypeMask) == (mode & TypeMask) && ((mode & TypeMask) == fifo || own == number);
    }

    internal static unsafe nint Read(int fd, FileStatus* status)
    {
        const int emptyPath = 0x1000, basicStats = 0x7ff;
        byte* buffer = stackalloc byte[256];
        byte empty = 0;
        nint result = Raw.Call(SyscallNumbers.Statx, fd, (nint)(&empty), emptyPath, basicStats, (nint)buffer);
        status->_mode = *(ushort*)(buffer + 28);
        status->Inode = *(ulong*)(buffer + 32);
        status->_major = *(uint*)(buffer + 128);
        status->_minor = *(uint*)(buffer + 132);
        return result;
    }
}
