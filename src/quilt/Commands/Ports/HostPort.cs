using System.Globalization;
using Quilt.Core;

namespace Quilt.Cli;

/// <summary>A port of the host's, as it is written: <c>[HOSTIP:]HOSTPORT</c>, an IPv6 address in brackets.</summary>
internal sealed record HostPort(string? Address, int Port)
{
    /// <param name="lowest">0 where one may be left to be chosen.</param>
    /// <exception cref="QuiltException">InvalidArgument.</exception>
    internal static HostPort Parse(string text, int lowest)
    {
        int colon = text.LastIndexOf(':');
        return int.TryParse(text[(colon + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out int port) && port >= lowest && port <= 65535
            ? new HostPort(colon < 0 ? null : text[..colon].Trim('[', ']'), port)
            : throw QuiltException.Invalid("HOSTPORT", $"'{text}' names no port of the host", $"give [HOSTIP:]HOSTPORT with a port from {lowest} to 65535");
    }
}
