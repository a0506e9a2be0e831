using System.Globalization;
using System.Net;
using Quilt.Core;

namespace Quilt.Network;

/// <summary>Where all members of a network may go outside (TCP).</summary>
/// <param name="To">No container and no network.</param>
public sealed record NetworkEgress(EdgeTarget To, ushort Port)
{
    /// <summary>As it is kept.</summary>
    public string Text => $"{To.Text}:{Port.ToString(CultureInfo.InvariantCulture)}";

    /// <summary>Whether a program of the host's may connect to a server for whoever has this way out: it leads as far as a container's edge would, and never to the host.</summary>
    /// <param name="host">A name that was looked up, or the address itself.</param>
    /// <exception cref="Linux.SyscallException">It cannot be known now which addresses are the host's.</exception>
    public bool LeadsTo(DnsEndPoint host, IPAddress address) => host.Port == Port && NetworkHost.MayBeDialled(address) && To switch
    {
        EdgeTarget.Name name => name.Matches(host.Host.ToLowerInvariant()) && PublicAddress.Is(address),
        EdgeTarget.Range range => range.Network.Contains(address),
        _ => false,
    };

    internal static NetworkEgress Parse(string text)
    {
        int colon = text.LastIndexOf(':');
        return new NetworkEgress(EdgeTarget.Parse(text[..colon]), ushort.Parse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture));
    }
}
