using System.Net;
using Quilt.Core;

namespace Quilt.Aria;

/// <summary>The host's address that a port is bound on, as it is written.</summary>
internal static class HostAddress
{
    /// <returns>An IPv4 address in IPv6's clothes as the IPv4 address.</returns>
    /// <exception cref="QuiltException">InvalidArgument.</exception>
    internal static IPAddress Parse(string text) => IPAddress.TryParse(text, out IPAddress? address)
        ? address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address
        : throw QuiltException.Invalid("hostIp", $"'{text}' is no IP address", "give one of the host's own, such as 127.0.0.1 or ::1");
}
