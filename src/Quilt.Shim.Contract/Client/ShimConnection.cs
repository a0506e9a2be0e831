using System.Net.Sockets;
using System.Text.Json;
using Quilt.Core;
using Quilt.Linux;

namespace Quilt.Shim.Contract;

/// <summary>A client's connection to a shim, after one request. One reader and one writer at a time.</summary>
public sealed class ShimConnection : IAsyncDisposable, IDisposable
{
    private readonly Socket _socket;
    private byte[] _buffer = new byte[4096];
    private int _start, _end;
    private List<FileDescriptor>? _descriptors;

    private ShimConnection(Socket socket) => _socket = socket;

    /// <summary>Who listens on the other side.</summary>
    public int ProcessId => Sys.Peer(new FileDescriptor((int)_socket.Handle, ownsHandle: false)).Pid;

    /// <summary>The answer to the request; never an error.</summary>
    public ShimResponse Response { get; private set; } = new();

    /// <summary>What came with the answer where <see cref="ShimExecRequest.HandOver"/> asked for it; whoever takes them closes them.</summary>
    public IReadOnlyList<FileDescriptor> Descriptors => _descriptors ?? [];

    /// <summary>Connects, sends the request and awaits the answer.</summary>
    /// <exception cref="QuiltException">The shim's error; or <see cref="ErrorCode.Unavailable"/> where no shim answers.</exception>
    /// <param name="ahead">What was opened for it; null: nothing.</param>
    public static async Task<ShimConnection> OpenAsync(string socketPath, ShimRequest request, CancellationToken cancellation, SocketAhead? ahead = null)
    {
        ShimConnection connection = ahead is null ? Connect(socketPath) : Connect(socketPath, ahead);
        await connection.AskAsync(request, cancellation).ConfigureAwait(false);
        return connection;
    }

    /// <summary>The request of a connection on which nothing is under way; one that fails closes it.</summary>
    /// <exception cref="QuiltException">As <see cref="OpenAsync"/>.</exception>
    public async Task AskAsync(ShimRequest request, CancellationToken cancellation)
    {
        _descriptors = request.Exec is { HandOver: true } ? [] : null;
        try
        {
            await SendAsync(FrameKind.Request, Payload(request), cancellation).ConfigureAwait(false);
            ShimFrame frame = await ReadAsync(cancellation).ConfigureAwait(false)
                ?? throw Gone("the shim closed the connection without an answer", null);
            Response = JsonSerializer.Deserialize(frame.Payload.Span, ShimJson.Default.ShimResponse)!;
            if (Response.Error is { } error)
            {
                throw new ShimException(error);
            }
        }
        catch
        {
            _descriptors?.ForEach(d => d.Dispose());
            Dispose();
            throw;
        }
    }

    /// <summary>The next frame; null where the shim has closed the connection, or has died.</summary>
    public async ValueTask<ShimFrame?> ReadAsync(CancellationToken cancellation)
    {
        if (!await FillAsync(FrameHeader.Size, cancellation).ConfigureAwait(false))
        {
            return null;
        }

        if (!FrameHeader.TryRead(_buffer.AsSpan(_start, FrameHeader.Size), out FrameHeader header))
        {
            throw new QuiltException(ErrorCode.Internal, "the shim sent what is no frame", "check that quiltd and quilt-shim are of one version");
        }

        _start += FrameHeader.Size;
        if (!await FillAsync(header.Length, cancellation).ConfigureAwait(false))
        {
            return null;
        }

        ReadOnlyMemory<byte> payload = _buffer.AsMemory(_start, header.Length);
        _start += header.Length;
        return new ShimFrame(header.Kind, payload);
    }

    /// <summary>A request as it is sent.</summary>
    /// <exception cref="QuiltException"><see cref="ErrorCode.InvalidArgument"/>: it is longer than a frame may be.</exception>
    public static byte[] Payload(ShimRequest request)
    {
        byte[] payload = JsonSerializer.SerializeToUtf8Bytes(request, ShimJson.Default.ShimRequest);
        return payload.Length <= FrameHeader.MaxPayload ? payload : throw QuiltException.Invalid(
            "command", $"the command, its arguments and its environment are {payload.Length} bytes long as they are sent, of at most {FrameHeader.MaxPayload}", "make them shorter, such as by a file that it reads");
    }

    /// <exception cref="QuiltException"><see cref="ErrorCode.Unavailable"/>: the shim is gone.</exception>
    public async ValueTask SendAsync(FrameKind kind, ReadOnlyMemory<byte> payload, CancellationToken cancellation)
    {
        byte[] frame = new byte[FrameHeader.Size + payload.Length];
        new FrameHeader(kind, payload.Length).Write(frame);
        payload.Span.CopyTo(frame.AsSpan(FrameHeader.Size));
        try
        {
            for (int sent = 0; sent < frame.Length;)
            {
                sent += await _socket.SendAsync(frame.AsMemory(sent), SocketFlags.None, cancellation).ConfigureAwait(false);
            }
        }
        catch (SocketException e)
        {
            throw Gone("the shim has closed the connection", e);
        }
    }

    public void Dispose() => _socket.Dispose();

    public ValueTask DisposeAsync()
    {
        Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>Reads on until that many bytes are there.</summary>
    private async ValueTask<bool> FillAsync(int count, CancellationToken cancellation)
    {
        if (_start == _end)
        {
            _start = _end = 0;
        }

        if (_buffer.Length - _start < count)
        {
            byte[] larger = _buffer.Length >= count ? _buffer : new byte[Math.Max(count, 2 * _buffer.Length)];
            _buffer.AsSpan(_start, _end - _start).CopyTo(larger);
            (_buffer, _end, _start) = (larger, _end - _start, 0);
        }

        while (_end - _start < count)
        {
            int got;
            try
            {
                got = _descriptors is { Count: 0 } taken
                    ? await ReceiveAsync(taken, cancellation).ConfigureAwait(false)
                    : await _socket.ReceiveAsync(_buffer.AsMemory(_end), SocketFlags.None, cancellation).ConfigureAwait(false);
            }
            catch (Exception e) when (e is SocketException or SyscallException { Errno: Errno.ECONNRESET })
            {
                return false;
            }

            if (got == 0)
            {
                return false;
            }

            _end += got;
        }

        return true;
    }

    /// <summary>The runtime's own way drops descriptors: it waits alone, and what came is taken by our call.</summary>
    private async ValueTask<int> ReceiveAsync(List<FileDescriptor> descriptors, CancellationToken cancellation)
    {
        await _socket.ReceiveAsync(Memory<byte>.Empty, SocketFlags.None, cancellation).ConfigureAwait(false);
        return Sys.ReceiveWithFds(new FileDescriptor((int)_socket.Handle, ownsHandle: false), _buffer.AsSpan(_end), descriptors);
    }

    /// <summary>Not through a UnixDomainSocketEndPoint: our own call takes paths of any length.</summary>
    /// <exception cref="QuiltException"><see cref="ErrorCode.Unavailable"/>: there is no shim.</exception>
    public static ShimConnection Connect(string path)
    {
        using SocketAhead ahead = Ahead(Path.GetDirectoryName(path)!);
        return Connect(path, ahead);
    }

    /// <summary>What a connection to a shim that is to listen in this folder takes.</summary>
    public static SocketAhead Ahead(string folder) => new(folder, stream: true);

    private static ShimConnection Connect(string path, SocketAhead ahead)
    {
        try
        {
            FileDescriptor fd = ahead.Connect(Path.GetFileName(path));
            return new ShimConnection(new Socket(new SafeSocketHandle(fd.Release(), ownsHandle: true)));
        }
        catch (SyscallException e) when (e.Errno is Errno.ENOENT or Errno.ECONNREFUSED)
        {
            throw Gone("the container's shim does not run", e);
        }
    }

    private static QuiltException Gone(string message, Exception? inner) =>
        new(ErrorCode.Unavailable, message, "try again; the container's state tells whether it has ended", null, inner);
}
