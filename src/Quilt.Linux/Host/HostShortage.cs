using System.ComponentModel;
using System.Net.Sockets;

namespace Quilt.Linux;

/// <summary>What the host, or a limit of this process, had no more of, where that is why something has failed.</summary>
public static class HostShortage
{
    /// <returns>In words; null where it failed for another reason.</returns>
    public static string? Of(Exception failure)
    {
        for (Exception? e = failure; e is not null; e = e.InnerException)
        {
            string? lacks = e switch
            {
                OutOfMemoryException => "memory",
                SyscallException call => Of(call.Errno),
                SocketException { SocketErrorCode: SocketError.TooManyOpenSockets } => Of(Errno.EMFILE),
                Win32Exception native and not SocketException => Of((Errno)native.NativeErrorCode), // of a process that could not be started
                IOException io => Of((Errno)(io.HResult & 0xFFFF)),
                _ => null,
            };
            if (lacks is not null)
            {
                return lacks;
            }
        }

        return null;
    }

    private static string? Of(Errno errno) => errno switch
    {
        Errno.EMFILE => "open files for a process (RLIMIT_NOFILE)",
        Errno.ENFILE => "open files (fs.file-max)",
        Errno.ENOMEM => "memory",
        Errno.ENOSPC or Errno.EDQUOT => "space on the disk",
        _ => null,
    };
}
