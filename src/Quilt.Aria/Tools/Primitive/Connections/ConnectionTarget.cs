using System.Net;
using Quilt.Core;
using Quilt.Engine;
using Quilt.Network;

namespace Quilt.Aria;

/// <summary>Where a connection is to lead, as it is written: a container, a network, <c>host</c>, an address or a range, or a name of the outside.</summary>
internal static class ConnectionTarget
{
    /// <exception cref="QuiltException">NotFound: it is no container that the caller may use, no network of its own, and nothing else.</exception>
    internal static EdgeTarget Parse(string text, Caller caller)
    {
        EdgeTarget? outside = ParseOutside(text);
        if (outside is EdgeTarget.Range)
        {
            return outside;
        }

        try
        {
            return new EdgeTarget.Container(caller.Container(text, Access.Use, "to").Id);
        }
        catch (QuiltException e) when (e.Code == ErrorCode.NotFound)
        {
            if (caller.TryNetwork(text) is { } network)
            {
                return new EdgeTarget.Members(network.Id);
            }

            if (outside is not null)
            {
                return outside;
            }

            throw;
        }
    }

    /// <summary>What it is outside; null: nothing.</summary>
    /// <exception cref="QuiltException">InvalidArgument: it is meant as a range, and is none.</exception>
    internal static EdgeTarget? ParseOutside(string text)
    {
        if (IPAddress.TryParse(text, out IPAddress? address))
        {
            return new EdgeTarget.Range(address.Alone);
        }

        if (text.Contains('/', StringComparison.Ordinal))
        {
            return IPNetwork.TryParse(text, out IPNetwork range)
                ? new EdgeTarget.Range(range)
                : throw QuiltException.Invalid("to", $"'{text}' is no address range", "give one in CIDR form, such as 192.0.2.0/24");
        }

        string name = text.ToLowerInvariant();
        return name == EdgeTarget.Host.DnsName ? new EdgeTarget.Host() : IsOutside(name) ? new EdgeTarget.Name(name) : null;
    }

    /// <summary>Refuses what the grants do not allow.</summary>
    /// <exception cref="QuiltException">PermissionDenied; InvalidArgument: it is not TCP.</exception>
    internal static void Require(EdgeTarget target, int port, TransportProtocol protocol, Agent agent, string field = "to")
    {
        if (!target.IsOutside)
        {
            return;
        }

        if (protocol != TransportProtocol.Tcp)
        {
            throw QuiltException.Invalid("protocol", $"{ConnectionView.Lower(protocol)} does not lead outside", "use tcp: what leads outside is dialled anew by Quilt, which does so for TCP alone");
        }

        // Dialled by the host, it would be the host's own; so it leads nowhere, and whoever asks for it is to know.
        if (target is EdgeTarget.Range range && IPAddress.IsLoopback(range.Network.BaseAddress))
        {
            throw QuiltException.Invalid(field, $"{range.Network} is a machine's own (loopback), where no connection leads", "give 'host' for what listens on the host's loopback");
        }

        foreach (Agent each in agent.Chain)
        {
            if (!each.Config.Grant.Egress.Any(p => EgressPattern.Allows(p, target, port)))
            {
                throw each.Outside("egress", $"a connection to {target.Text}", field, each.Config.Grant.Egress);
            }
        }
    }

    /// <summary>It has a dot, so that a container's name that is misspelt is not taken for one; <c>*.</c> before it is any name below.</summary>
    private static bool IsOutside(string name)
    {
        string rest = name.StartsWith("*.", StringComparison.Ordinal) ? name[2..] : name;
        return name.Contains('.', StringComparison.Ordinal) && HostName.IsValid(rest);
    }
}
