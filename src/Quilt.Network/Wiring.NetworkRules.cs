using System.Net;
using Quilt.Core;
using Quilt.Linux;

namespace Quilt.Network;

/// <summary>What networks let pass, and what ends with it.</summary>
public sealed partial class Wiring
{
    /// <summary>What a network lets pass.</summary>
    private IReadOnlyCollection<NetworkRule> RulesOf(LiveNetwork live)
    {
        if (live.Members.Count == 0)
        {
            return [];
        }

        IEnumerable<NetworkRule> among = live.Network.Policy == NetworkPolicy.Open
            ? [NetworkRule.Open(live.Network.Members)]
            : live.Members.Values.SelectMany(m => ExposedBy(m.Container).Select(p => NetworkRule.Exposed(live.Network.Members, AddressRange.Of(live.EndpointOf(m)), p.Protocol, p.Port)));
        return [.. among, .. live.Edges.SelectMany(e => ReachesOf(_edges[e], live))];
    }

    /// <summary>What an edge to a network lets pass: from whichever address its container takes.</summary>
    private IEnumerable<NetworkRule> ReachesOf(Edge edge, LiveNetwork live)
    {
        IEnumerable<Endpoint> from = live.Members.TryGetValue(edge.From, out Membership? member) ? [_endpoints[edge.From], live.EndpointOf(member)] : [_endpoints[edge.From]];
        return live.Members.Count == 0 ? [] : from.Select(f => NetworkRule.Reach(AddressRange.Of(f), live.Network.Members, edge.Protocol, edge.Port));
    }

    private LiveNetwork LiveOf(Edge edge) => _networks[((EdgeTarget.Members)edge.To).Id];

    private void ChangeRules(IReadOnlyCollection<NetworkRule> before, IReadOnlyCollection<NetworkRule> after) => _fabric.ChangeNetworks([.. before.Except(after)], [.. after.Except(before)]);

    /// <summary>Takes members and edges out of a network, in what is known and in the kernel, and puts them back where either or <paramref name="write"/> fails.</summary>
    private void TakeOut(LiveNetwork live, Membership[] members, Edge[] edges, Action write)
    {
        using Rollback rollback = new();
        IReadOnlyCollection<NetworkRule> before = RulesOf(live);
        Func<IPAddress, ContainerId?> holderOf = HolderNow();
        List<GoneFlows> gone = [.. edges.Select(e => FlowsOf(e, [.. ReachesOf(e, live)], [], holderOf))];
        if (members.Length > 0)
        {
            AddressRange[] own = members.Length == live.Members.Count ? [live.Network.Members] : [.. members.Select(m => AddressRange.Of(live.EndpointOf(m)))];
            gone.Add(new GoneFlows([.. members.Select(m => live.EndpointOf(m).Address)], holderOf) { Where = flow => own.Any(o => o.Contains(new IPAddress(flow.From)) || o.Contains(new IPAddress(flow.To))) });
        }

        foreach (Edge edge in edges)
        {
            Remove(edge);
            rollback.OnFailure(() => Add(edge));
        }

        foreach (Membership member in members)
        {
            string[] passes = [.. PassesOf(member).Select(p => p.Id)];
            Remove(live, member);
            rollback.OnFailure(() => Add(live, member));
            Carry(() =>
            {
                Detach(member.Container, live.AttachmentOf(member));
                if (passes.Length > 0)
                {
                    _fabric.SetExits(member.Container, ExitsOf(member.Container));
                    Array.ForEach(passes, _fabric.CloseGate);
                }
            });
        }

        if (gone.Count > 0)
        {
            Carry(() =>
            {
                ChangeRules(before, RulesOf(live));
                _fabric.End(gone);
            });
        }

        write();
        rollback.Commit();
    }

    /// <summary>What flows over an edge to a network, and by nothing else that is left.</summary>
    private static GoneFlows FlowsOf(Edge edge, NetworkRule[] reaches, NetworkRule[] left, Func<IPAddress, ContainerId?> holderOf) =>
        new([edge.Key], holderOf) { Where = flow => reaches.Any(r => r.Covers(flow)) && !left.Any(r => r.Covers(flow)) };

    private void Detach(ContainerId container, Attachment attachment)
    {
        using FileDescriptor? inside = _options.NetworkNamespaceOf(container);
        _fabric.Detach(container, _endpoints[container], attachment, inside);
    }

    /// <summary>Whose addresses are at this moment.</summary>
    private Func<IPAddress, ContainerId?> HolderNow()
    {
        Dictionary<IPAddress, ContainerId> now = new(_addresses);
        return address => now.TryGetValue(address, out ContainerId id) ? id : null;
    }

    /// <summary>In what is known and in the kernel, or in neither.</summary>
    private void ChangeExposed(ContainerId container, List<ExposedPort> ports)
    {
        LiveNetwork[] networks = [.. LiveOf(container)];
        NetworkRule[] before = [.. networks.SelectMany(RulesOf)];
        List<ExposedPort> old = _exposed.GetValueOrDefault(container, []);
        _exposed[container] = ports;
        try
        {
            ChangeRules(before, [.. networks.SelectMany(RulesOf)]);
        }
        catch
        {
            _exposed[container] = old;
            throw;
        }
    }
}
