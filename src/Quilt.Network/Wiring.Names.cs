using System.Net;
using Quilt.Core;

namespace Quilt.Network;

/// <summary>What names and addresses are to a container: what its edges make of them.</summary>
public sealed partial class Wiring
{
    private const string NoEdge = "no connection leads there", NoAddress = "the name has no public address", NotThere = "an address that no connection leads to", TooMany = "too many names are asked for at once";
    private readonly OutsideNames _names;

    private async Task<NameAnswer?> LookUpAsync(IPAddress asker, string name, CancellationToken cancellation)
    {
        ContainerId from;
        bool isHost;
        lock (_lock)
        {
            if (!_addresses.TryGetValue(asker, out from))
            {
                return null;
            }

            if (EdgesOf(from, e => e.From == from && e.ToContainer is { } c && (Is(e.Alias, name) || Is(_options.NameOf(c), name))).FirstOrDefault() is { ToContainer: { } to })
            {
                return NameAnswer.Of([_endpoints[to]]);
            }

            if (Outside(from, name) is not [var first, ..])
            {
                if (FindAmongNetworks(from, name) is { } members)
                {
                    return members;
                }

                Tell(from, name, allowed: false, NoEdge);
                return null;
            }

            isHost = first.To is EdgeTarget.Host;
            name = first.To is EdgeTarget.Name exact && Is(first.Alias, name) ? exact.Pattern : name;
        }

        switch (isHost ? [IPAddress.Loopback] : await _names.ResolveAsync(from, name, cancellation).ConfigureAwait(false))
        {
            case null:
                Tell(from, name, allowed: false, TooMany);
                return NameAnswer.Busy;
            case []:
                Tell(from, name, allowed: false, NoAddress);
                return null;
            case var means:
                return Lease(from, name, isHost, means);
        }
    }

    /// <summary>Members by their names, then aliases, then services, also with the network's name behind; of an isolated network those that expose something; and all members by the name of a network that an edge leads to.</summary>
    private NameAnswer? FindAmongNetworks(ContainerId from, string name)
    {
        foreach (Edge edge in EdgesOf(from, e => e.To is EdgeTarget.Members))
        {
            LiveNetwork live = LiveOf(edge);
            Membership[] found = Is(edge.Alias, name) || Is(live.Network.Name, name) ? [.. live.Members.Values] : Named(live, live.Members.Values, name);
            if (found.Length > 0)
            {
                return NameAnswer.Of([.. found.Select(live.EndpointOf)]);
            }
        }

        foreach (LiveNetwork live in LiveOf(from).OrderBy(l => l.Network.CreatedAt))
        {
            if (Named(live, live.Members.Values.Where(m => IsOffered(m, live)), name) is { Length: > 0 } found)
            {
                return NameAnswer.Of([.. found.Select(live.EndpointOf)]);
            }
        }

        return null;
    }

    private Membership[] Named(LiveNetwork live, IEnumerable<Membership> members, string name)
    {
        string suffix = $".{live.Network.Name}";
        string bare = name.EndsWith(suffix, StringComparison.OrdinalIgnoreCase) ? name[..^suffix.Length] : name;
        bool IsIt(string? own) => Is(own, name) || Is(own, bare);
        Membership[] all = [.. members];
        Func<Membership, bool>[] ranks = [m => IsIt(_options.NameOf(m.Container)), m => m.Aliases.Any(IsIt), m => _exposed.GetValueOrDefault(m.Container, []).Any(p => IsIt(p.Name))];
        return ranks.Select(rank => all.Where(rank).ToArray()).FirstOrDefault(found => found.Length > 0, []);
    }

    /// <summary>The names that lead somewhere from a container, but those below a wildcard.</summary>
    public IReadOnlyList<string> NamesFor(ContainerId container)
    {
        lock (_lock)
        {
            IEnumerable<string?> byEdges = EdgesOf(container).Where(e => e.From == container).SelectMany(e => (IEnumerable<string?>)(e.To switch
            {
                EdgeTarget.Container to => [_options.NameOf(to.Id), e.Alias],
                EdgeTarget.Members => [LiveOf(e).Network.Name, e.Alias, .. LiveOf(e).Members.Values.SelectMany(NamesOf)],
                EdgeTarget.Name to => [to.Pattern, e.Alias],
                EdgeTarget.Host => [EdgeTarget.Host.DnsName, e.Alias],
                _ => [],
            }));
            IEnumerable<string?> byNetworks = LiveOf(container).SelectMany(l => l.Members.Values.Where(m => m.Container != container && IsOffered(m, l)).SelectMany(NamesOf));
            IEnumerable<string?> outside = PassesOf(container).Select(p => (p.To as EdgeTarget.Name)?.Pattern);
            return [.. byEdges.Concat(byNetworks).Concat(outside).OfType<string>().Distinct(StringComparer.OrdinalIgnoreCase)];
        }
    }

    /// <summary>In an isolated network those are known that expose something.</summary>
    private bool IsOffered(Membership member, LiveNetwork live) => live.Network.Policy == NetworkPolicy.Open || _exposed.GetValueOrDefault(member.Container) is { Count: > 0 };

    private IEnumerable<string?> NamesOf(Membership member) => [_options.NameOf(member.Container), .. member.Aliases, .. _exposed.GetValueOrDefault(member.Container, []).Select(p => p.Name)];

    /// <summary>Gives the name its address for this container, and opens that on the ports of the edges that there are now.</summary>
    private NameAnswer? Lease(ContainerId from, string name, bool isHost, IReadOnlyList<IPAddress> means)
    {
        lock (_lock)
        {
            IReadOnlyList<Edge> edges = [.. Outside(from, isHost ? EdgeTarget.Host.DnsName : name).Where(e => e.To is EdgeTarget.Host == isHost)];
            if (edges.Count == 0)
            {
                Tell(from, name, allowed: false, NoEdge);
                return null;
            }

            OutsideNames.Lease lease = _names.Take(from, isHost ? EdgeTarget.Host.DnsName : name);
            lease.Means = means;
            bool opened = false;
            foreach (Edge edge in edges)
            {
                opened |= lease.Open.TryAdd(edge.Id, edge.Port);
            }

            if (opened)
            {
                _fabric.SetExits(from, ExitsOf(from));
            }

            return new NameAnswer([lease.Address]);
        }
    }

    /// <summary>The edges to the outside that a name is along.</summary>
    private IReadOnlyList<Edge> Outside(ContainerId from, string name) => [.. WaysOutOf(from).Where(e => e.To switch
    {
        EdgeTarget.Host => name == EdgeTarget.Host.DnsName || Is(e.Alias, name),
        EdgeTarget.Name outside => outside.Matches(name) || Is(e.Alias, name),
        _ => false,
    })];

    /// <summary>What a connection to the outside becomes: what the edges say at this moment.</summary>
    private Passage? Decide(IPAddress asker, IPEndPoint wanted)
    {
        // Not under the lock: the kernel is asked, of what is no name's.
        bool mayBeDialled = !OutsideNames.MadeUp.Contains(wanted.Address) && NetworkHost.MayBeDialled(wanted.Address);
        lock (_lock)
        {
            if (!_addresses.TryGetValue(asker, out ContainerId from))
            {
                return null;
            }

            if (_names.Find(from, wanted.Address) is { } lease)
            {
                string text = $"{lease.Name}:{wanted.Port}";
                return lease.Open.FirstOrDefault(o => o.Value == wanted.Port && IsOpen(o.Key)).Key is { } open
                    ? Allowed(from, text, open, [.. lease.Means.Select(a => new IPEndPoint(a, wanted.Port))])
                    : Refused(from, text, NoEdge);
            }

            Edge? edge = WaysOutOf(from).FirstOrDefault(e => e.To is EdgeTarget.Range range && range.Network.Contains(wanted.Address) && e.Port == wanted.Port);
            return edge is not null && mayBeDialled
                ? Allowed(from, wanted.ToString(), edge.Id, [wanted])
                : Refused(from, wanted.ToString(), edge is null ? NoEdge : NotThere);
        }
    }

    /// <summary>Which connections of a container the rules have to send to the gate: those to its ranges, and to the addresses that stand for names.</summary>
    private HashSet<Exit> ExitsOf(ContainerId container) => ExitsOf(container, []);

    private HashSet<Exit> ExitsOf(ContainerId container, IReadOnlyCollection<string> without)
    {
        Endpoint endpoint = _endpoints[container];
        Exit[] all =
        [
            .. WaysOutOf(container).Where(e => !without.Contains(e.Id)).Where(e => e.To is EdgeTarget.Range).Select(e => ExitOf(endpoint, ((EdgeTarget.Range)e.To).Network, e.Port)),
            .. _names.Of(container).SelectMany(l => l.Open.Where(o => !without.Contains(o.Key)).Select(o => ExitOf(endpoint, l.Address.Alone, o.Value))),
        ];

        // The kernel takes none that lies within another.
        Exit[] ranges = [.. all.Where(e => e.To.PrefixLength < e.To.BaseAddress.Bits)];
        return all.Where(e => !ranges.Any(r => r.Contains(e))).ToHashSet();
    }

    private static Exit ExitOf(Endpoint endpoint, IPNetwork to, ushort port) =>
        new(to.BaseAddress.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6 ? endpoint.Address6 : endpoint.Address, to, port);

    private Passage? Refused(ContainerId from, string wanted, string rule)
    {
        Tell(from, wanted, allowed: false, rule);
        return null;
    }

    private Passage Allowed(ContainerId from, string wanted, string edge, IReadOnlyList<IPEndPoint> to)
    {
        Tell(from, wanted, allowed: true, edge);
        return new Passage(edge, to);
    }

    private void Tell(ContainerId from, string wanted, bool allowed, string rule) => _options.Decided(new EgressDecision(from, wanted, allowed, rule));

    private static bool Is(string? name, string asked) => string.Equals(name, asked, StringComparison.OrdinalIgnoreCase);
}
