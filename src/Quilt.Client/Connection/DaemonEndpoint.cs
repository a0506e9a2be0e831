using System.Net;
using System.Net.Http;
using System.Net.Sockets;
using Grpc.Net.Client;
using Quilt.Core;

namespace Quilt.Client;

/// <summary>Where quiltd listens, and how one gets there.</summary>
internal static class DaemonEndpoint
{
    internal const string Default = "unix:///run/quilt/quilt.sock";
    private const string UnixScheme = "unix://";

    /// <summary>What may be on its way in one stream: enough that a fast reader is never waited for.</summary>
    private const int StreamWindowBytes = 4 << 20;

    /// <exception cref="QuiltException">Invalid argument: that is no address of a daemon.</exception>
    internal static GrpcChannel Open(string host, Action<SocketsHttpHandler>? configure)
    {
        SocketsHttpHandler handler = new()
        {
            UseProxy = false,
            UseCookies = false,
            AllowAutoRedirect = false,
            ActivityHeadersPropagator = null,
            InitialHttp2StreamWindowSize = StreamWindowBytes,
            EnableMultipleHttp2Connections = true,
        };
        string address;
        if (host.StartsWith(UnixScheme, StringComparison.Ordinal) && host.Length > UnixScheme.Length + 1 && host[UnixScheme.Length] == '/')
        {
            UnixDomainSocketEndPoint socket = new(host[UnixScheme.Length..]);
            handler.ConnectCallback = (_, cancellation) => ConnectAsync(socket, cancellation);
            address = "http://quiltd";
        }
        else if (Uri.TryCreate(host, UriKind.Absolute, out Uri? uri) && IsFit(uri))
        {
            configure?.Invoke(handler);
            address = host;
        }
        else
        {
            handler.Dispose();
            throw QuiltException.Invalid("host", $"'{host}' is not a daemon's address", "give unix:// and an absolute path, or https://host:port");
        }

        return GrpcChannel.ForAddress(address, new GrpcChannelOptions
        {
            HttpHandler = handler, DisposeHttpClient = true, HttpVersion = HttpVersion.Version20, MaxReceiveMessageSize = null, MaxRetryAttempts = null,
        });
    }

    /// <summary>A token never goes over a wire in plain.</summary>
    private static bool IsFit(Uri uri) => uri.Scheme == Uri.UriSchemeHttps || (uri.Scheme == Uri.UriSchemeHttp && uri.IsLoopback);

    private static async ValueTask<Stream> ConnectAsync(UnixDomainSocketEndPoint endpoint, CancellationToken cancellation)
    {
        Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(endpoint, cancellation).ConfigureAwait(false);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
