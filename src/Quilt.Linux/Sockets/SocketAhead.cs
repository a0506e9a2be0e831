namespace Quilt.Linux;

/// <summary>What connecting to an AF_UNIX socket takes, opened before that one is made: to who is asked to listen one can come then.</summary>
public sealed class SocketAhead : IDisposable
{
    private readonly string _path;
    private readonly FileDescriptor _folder;
    private FileDescriptor? _socket;

    /// <param name="folder">Where the other end is to listen.</param>
    /// <param name="stream">SOCK_STREAM rather than SOCK_SEQPACKET.</param>
    public SocketAhead(string folder, bool stream)
    {
        _path = folder;
        _folder = Sys.Open(folder, OpenMode.Path);
        try
        {
            _socket = Sys.NewSocket(stream);
        }
        catch
        {
            _folder.Dispose();
            throw;
        }
    }

    /// <summary>Once; it is the caller's then.</summary>
    /// <exception cref="SyscallException">ENOENT, or ECONNREFUSED where nobody listens.</exception>
    public FileDescriptor Connect(string name)
    {
        FileDescriptor socket = _socket ?? throw new InvalidOperationException($"it is connected already: {_path}");
        Sys.Connect(socket, _folder, name);
        _socket = null;
        return socket;
    }

    public void Dispose()
    {
        _folder.Dispose();
        _socket?.Dispose();
    }
}
