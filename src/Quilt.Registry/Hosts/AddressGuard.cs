using System.Net;
using System.Net.Sockets;
using Quilt.Core;

namespace Quilt.Registry;

/// <summary>
/// Connects to a registry, and to what the registry names: token servers, places that blobs are kept at. The latter only
/// where anybody may reach them or the registry itself is likewise inside, for else a registry could make this host speak with
/// its own services and its network's. The address is judged that is connected to, so a name that means another one the
/// second time gains nothing.
/// </summary>
internal sealed class AddressGuard(string registry, string host, int? port)
{
    private static readonly IPNetwork[] Private =
        [.. new[] { "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7" }.Select(IPNetwork.Parse)];
    private volatile IPAddress? _registryAt;

    /// <summary>Whether this is the registry itself.</summary>
    internal bool Is(string otherHost, int otherPort) =>
        string.Equals(otherHost, host, StringComparison.OrdinalIgnoreCase) && (port ?? otherPort) == otherPort && (port is not null || otherPort is 80 or 443);

    /// <summary>Refuses an address that is written out; for a request that goes through a proxy no other is known.</summary>
    internal void Check(Uri target)
    {
        if (!Is(target.IdnHost, target.Port) && IPAddress.TryParse(target.IdnHost, out IPAddress? address) && !MayFollow(address))
        {
            throw Refused(target.IdnHost);
        }
    }

    internal async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellation)
    {
        DnsEndPoint to = context.DnsEndPoint;
        bool isRegistry = Is(to.Host, to.Port);

        // What is connected to and not asked for is the operator's proxy.
        bool isProxy = context.InitialRequestMessage.RequestUri is { } wanted && !(wanted.IdnHost == to.Host && wanted.Port == to.Port);
        IPAddress[] addresses = IPAddress.TryParse(to.Host, out IPAddress? literal) ? [literal] : await Dns.GetHostAddressesAsync(to.Host, cancellation).ConfigureAwait(false);
        if (!isRegistry && !isProxy)
        {
            addresses = [.. addresses.Where(MayFollow)];
            if (addresses.Length == 0)
            {
                throw Refused(to.Host);
            }
        }

        Socket socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(addresses, to.Port, cancellation).ConfigureAwait(false);
            if (isRegistry && !isProxy)
            {
                _registryAt = Plain(((IPEndPoint)socket.RemoteEndPoint!).Address);
            }

            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private bool MayFollow(IPAddress address)
    {
        address = Plain(address);
        if (PublicAddress.Is(address))
        {
            return true;
        }

        return _registryAt is { } at
            && (address.Equals(at) || (IPAddress.IsLoopback(address) && IPAddress.IsLoopback(at)) || (IsPrivate(address) && IsPrivate(at)));
    }

    private static bool IsPrivate(IPAddress address) => Private.Any(n => n.Contains(address));

    private static IPAddress Plain(IPAddress address) => address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;

    private QuiltException Refused(string to) => new(
        ErrorCode.PermissionDenied,
        $"the registry {registry} sends its client to {Text.Printable(to)}, an address that is not public, and is not there itself",
        "ask the registry's operator for a token server and a place of blobs that everybody can reach");
}
