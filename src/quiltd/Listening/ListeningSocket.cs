using System.Net.Sockets;
using Quilt.Core;
using Quilt.Linux;

namespace Quilt.Daemon;

/// <summary>The daemon's own socket: never, not for a moment, open to others than root and the group.</summary>
internal sealed class ListeningSocket : IDisposable
{
    private const uint GroupMayConnect = 0x1B0; // 0660
    private readonly string _path;
    private readonly FileDescriptor _socket;

    private ListeningSocket(string path, FileDescriptor socket) => (_path, _socket) = (path, socket);

    /// <summary>For whoever accepts; the descriptor stays ours.</summary>
    internal ulong Handle => (ulong)_socket.Number;

    /// <exception cref="QuiltException">Somebody listens there already.</exception>
    internal static ListeningSocket Open(string path)
    {
        path = Path.GetFullPath(path);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        RemoveStale(path);

        // Made under a name of its own and with its final owner, then put in place.
        string temporary = $"{path}.{Environment.ProcessId}";
        File.Delete(temporary);
        FileDescriptor socket = Sys.Listen(temporary, stream: true, mode: 0);
        try
        {
            if (GroupId(DaemonOptions.Group) is { } group)
            {
                Sys.Chown(temporary, 0, group);
            }

            File.SetUnixFileMode(temporary, (UnixFileMode)GroupMayConnect);
            File.Move(temporary, path, overwrite: true);
            return new ListeningSocket(path, socket);
        }
        catch
        {
            socket.Dispose();
            File.Delete(temporary);
            throw;
        }
    }

    public void Dispose()
    {
        File.Delete(_path);
        _socket.Dispose();
    }

    private static void RemoveStale(string path)
    {
        if (!Path.Exists(path))
        {
            return;
        }

        try
        {
            Sys.Connect(path, stream: true).Dispose();
        }
        catch (SyscallException e) when (e.Errno == Errno.ECONNREFUSED)
        {
            File.Delete(path); // of a daemon that was killed
            return;
        }

        throw new QuiltException(ErrorCode.FailedPrecondition, $"another quiltd listens on {path}", "stop it, or give another --socket");
    }

    private static uint? GroupId(string name)
    {
        foreach (string line in File.Exists("/etc/group") ? File.ReadLines("/etc/group") : [])
        {
            string[] fields = line.Split(':');
            if (fields.Length >= 3 && fields[0] == name && uint.TryParse(fields[2], out uint id))
            {
                return id;
            }
        }

        return null;
    }
}
