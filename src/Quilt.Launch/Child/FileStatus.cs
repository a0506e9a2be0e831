using System.Runtime.InteropServices;

namespace Quilt.Launch.Child;

/// <summary>What the child wants to know of an open file (statx(2), whose layout is the same on every architecture).</summary>
internal struct FileStatus
{
    private const int TypeMask = 0xF000, Directory = 0x4000, CharacterDevice = 0x2000, Regular = 0x8000, Link = 0xA000;
    private ushort _mode;
    private uint _major, _minor;

    internal uint Uid { readonly get; private set; }

    internal uint Gid { readonly get; private set; }

    /// <summary>The file's type and its permissions, as mknod(2) takes them.</summary>
    internal readonly uint Mode => _mode;

    internal readonly uint Permissions => _mode & 0xFFFu;

    /// <summary>As mknod(2) takes it.</summary>
    internal readonly ulong DeviceNumber => (_minor & 0xff) | ((ulong)(_major & 0xfff) << 8) | ((ulong)(_minor & ~0xffu) << 12);

    internal readonly bool IsRegular => (_mode & TypeMask) == Regular;

    internal readonly bool IsLink => (_mode & TypeMask) == Link;

    internal ulong Inode { readonly get; private set; }

    internal readonly bool IsDirectory => (_mode & TypeMask) == Directory;

    internal readonly bool IsCharacterDevice(uint major, uint minor) =>
        (_mode & TypeMask) == CharacterDevice && _major == major && _minor == minor;

    /// <param name="mode">With the file's type.</param>
    /// <param name="number">As mknod(2) takes it; means nothing for a FIFO.</param>
    internal readonly bool IsNode(uint mode, ulong number)
    {
        const int fifo = 0x1000;
        return (_mode & TypeMask) == (mode & TypeMask) && ((mode & TypeMask) == fifo || DeviceNumber == number);
    }

    internal static unsafe nint Read(int fd, FileStatus* status)
    {
        byte empty = 0;
        return ReadAt(fd, &empty, status);
    }

    /// <summary>Of what is in a folder, a link being itself; the empty name is the folder.</summary>
    internal static unsafe nint ReadAt(int folder, byte* name, FileStatus* status)
    {
        const int emptyPath = 0x1000, noFollow = 0x100, noAutomount = 0x800, basicStats = 0x7ff;
        byte* buffer = stackalloc byte[256];
        nint result = Raw.Call(SyscallNumbers.Statx, folder, (nint)name, emptyPath | noFollow | noAutomount, basicStats, (nint)buffer);
        status->Uid = *(uint*)(buffer + 20);
        status->Gid = *(uint*)(buffer + 24);
        status->_mode = *(ushort*)(buffer + 28);
        status->Inode = *(ulong*)(buffer + 32);
        status->_major = *(uint*)(buffer + 128);
        status->_minor = *(uint*)(buffer + 132);
        return result;
    }
}
