using System.Runtime.InteropServices;

namespace Quilt.Launch.Child;

/// <summary>What the child wants to know of an open file (statx(2), whose layout is the same on every architecture).</summary>
internal struct FileStatus
{
    private const int TypeMask = 0xF000, Directory = 0x4000, CharacterDevice = 0x2000;
    private ushort _mode;
    private uint _major, _minor;

    internal readonly bool IsDirectory => (_mode & TypeMask) == Directory;

    internal readonly bool IsCharacterDevice(uint major, uint minor) =>
        (_mode & TypeMask) == CharacterDevice && _major == major && _minor == minor;

    internal static unsafe nint Read(int fd, FileStatus* status)
    {
        const int emptyPath = 0x1000, basicStats = 0x7ff;
        byte* buffer = stackalloc byte[256];
        byte empty = 0;
        nint result = Raw.Call(SyscallNumbers.Statx, fd, (nint)(&empty), emptyPath, basicStats, (nint)buffer);
        status->_mode = *(ushort*)(buffer + 28);
        status->_major = *(uint*)(buffer + 128);
        status->_minor = *(uint*)(buffer + 132);
        return result;
    }
}
