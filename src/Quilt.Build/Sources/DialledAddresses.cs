using System.Net;
using System.Net.Sockets;
using Quilt.Core;

namespace Quilt.Build;

/// <summary>What a name resolves to and may be connected to; what is found here is what is dialled, so that no second answer leads elsewhere.</summary>
internal static class DialledAddresses
{
    /// <exception cref="QuiltException">PermissionDenied: none of its addresses may be; Unavailable: it has none.</exception>
    internal static async Task<IPAddress[]> OfAsync(DnsEndPoint host, RemoteOptions options, CancellationToken cancellation)
    {
        IPAddress[] found;
        try
        {
            found = await Dns.GetHostAddressesAsync(host.Host, cancellation).ConfigureAwait(false);
        }
        catch (SocketException e)
        {
            throw new QuiltException(ErrorCode.Unavailable, $"the name '{Text.Printable(host.Host)}' is not found", "see whether the address is right", inner: e);
        }

        IPAddress[] granted = [.. found.Where(a => options.MayDial(host, a))];
        return granted.Length > 0
            ? granted
            : throw new QuiltException(ErrorCode.PermissionDenied, $"'{Text.Printable(host.Host)}' is not among what the build may reach", "grant it, or put the file into the build's context");
    }
}
