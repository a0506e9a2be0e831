using System.Globalization;
using Quilt.Core;
using Quilt.Network;

namespace Quilt.Aria;

/// <summary>A way out as it is written: <c>TO:PORT</c>.</summary>
internal static class EgressText
{
    /// <exception cref="QuiltException">InvalidArgument: it is none; PermissionDenied: the grant does not have it.</exception>
    internal static NetworkEgress Read(string text, Caller caller, string field)
    {
        int colon = text.LastIndexOf(':');
        if (colon <= 0 || !ushort.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out ushort port) || port == 0)
        {
            throw QuiltException.Invalid(field, $"'{text}' has no port", "give TO:PORT, such as deb.debian.org:443");
        }

        EdgeTarget to = ConnectionTarget.ParseOutside(text[..colon].Trim('[', ']'))
            ?? throw QuiltException.Invalid(field, $"'{text[..colon]}' is nothing outside", "give a name with a dot, such as deb.debian.org, a range in CIDR form, or host");
        ConnectionTarget.Require(to, port, TransportProtocol.Tcp, caller.Agent, field);
        return new NetworkEgress(to, port);
    }
}
