using System.Runtime.InteropServices;

namespace Quilt.Linux;

internal static unsafe partial class LibC
{
    [LibraryImport("libc", SetLastError = true)]
    internal static partial int setns(int fd, int kinds);

    [LibraryImport("libc", SetLastError = true)]
    internal static partial int unshare(int kinds);

    [LibraryImport("libc", SetLastError = true)]
    internal static partial int getsockopt(int socket, int level, int option, void* value, uint* length);

    [LibraryImport("libc", SetLastError = true)]
    internal static partial int ioctl(int fd, nuint request, void* argument);
}
