using System.Net;
using System.Net.Sockets;
using Grpc.Net.Client;
using Quilt.Core;
using Quilt.Linux;

namespace Quilt.Cli;

/// <summary>One connection to quiltd: gRPC over HTTP/2 on a Unix socket, without TLS.</summary>
internal sealed class DaemonConnection : IDisposable
{
    /// <summary>What may be on its way in one stream: enough that a fast reader is never waited for.</summary>
    private const int StreamWindowBytes = 4 << 20;

    private readonly GrpcChannel _channel;

    private DaemonConnection(GrpcChannel channel, Caller caller)
    {
        _channel = channel;
        Client = new DaemonClient(channel.CreateCallInvoker(), caller.ToMetadata());
    }

    internal DaemonClient Client { get; }

    /// <exception cref="QuiltException">Unavailable or permission denied: nobody listens there, or not for us.</exception>
    internal static DaemonConnection Open(DaemonAddress address, Caller caller)
    {
        // Connected at once: whether there is a daemon is told by the kernel's own words, not by HTTP's.
        FileDescriptor? first = Connect(address);
        SocketsHttpHandler handler = new()
        {
            ConnectCallback = (_, _) =>
            {
                FileDescriptor socket = Interlocked.Exchange(ref first, null) ?? Connect(address);
                Socket wrapped = new(new SafeSocketHandle(socket.Release(), ownsHandle: true));
                return ValueTask.FromResult<Stream>(new NetworkStream(wrapped, ownsSocket: true));
            },
            UseProxy = false,
            UseCookies = false,
            AllowAutoRedirect = false,
            AutomaticDecompression = DecompressionMethods.None,
            ActivityHeadersPropagator = null,
            InitialHttp2StreamWindowSize = StreamWindowBytes,
        };
        return new DaemonConnection(GrpcChannel.ForAddress("http://quiltd", new GrpcChannelOptions
        {
            HttpHandler = handler,
            DisposeHttpClient = true,
            MaxReceiveMessageSize = null,
            MaxRetryAttempts = null,
        }), caller);
    }

    public void Dispose() => _channel.Dispose();

    private static FileDescriptor Connect(DaemonAddress address)
    {
        try
        {
            return Sys.Connect(address.SocketPath, stream: true);
        }
        catch (SyscallException e) when (e.Errno is Errno.ENOENT or Errno.ECONNREFUSED or Errno.ENOTDIR)
        {
            throw new QuiltException(
                ErrorCode.Unavailable, $"no quiltd listens at {address}",
                "start it ('systemctl start quilt', or 'quiltd' as root), or name another socket by --host or QUILT_HOST", "host", e);
        }
        catch (SyscallException e) when (e.Errno is Errno.EACCES or Errno.EPERM)
        {
            throw new QuiltException(
                ErrorCode.PermissionDenied, $"no permission to use quiltd's socket {address.SocketPath}",
                "join its group ('usermod -aG quilt USER', then log in again), or use sudo", "host", e);
        }
    }
}
