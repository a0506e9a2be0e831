using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Quilt.Linux;

/// <summary>An owned file descriptor; closed when disposed. 0 is a valid one, -1 is none.</summary>
public sealed class FileDescriptor : SafeHandleMinusOneIsInvalid
{
    public FileDescriptor()
        : base(ownsHandle: true)
    {
    }

    public FileDescriptor(int fd, bool ownsHandle = true)
        : base(ownsHandle) => SetHandle(fd);

    /// <summary>The number, for a call that outlives no disposal.</summary>
    public int Number => (int)handle;

    /// <summary>Gives the number away: it will not be closed here.</summary>
    public int Release()
    {
        int fd = (int)handle;
        SetHandleAsInvalid();
        return fd;
    }

    protected override bool ReleaseHandle() => LibC.close((int)handle) == 0;
}
