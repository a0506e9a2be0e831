namespace Quilt.Linux;

/// <summary>NETLINK_*: whom a netlink socket speaks to (netlink(7)).</summary>
public enum NetlinkProtocol
{
    Route = 0,
    SocketDiagnostics = 4,
    Netfilter = 12,
}
