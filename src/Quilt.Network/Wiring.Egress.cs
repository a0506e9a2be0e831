using Quilt.Core;

namespace Quilt.Network;

/// <summary>Where containers may go outside: by edges of their own, and by the networks that they are in.</summary>
public sealed partial class Wiring
{
    // What a network's egress is to a member: as an edge of its own, which nobody drew and nothing keeps.
    private readonly Dictionary<(ContainerId, string), Edge[]> _passes = [];
    private readonly HashSet<string> _passIds = new(StringComparer.Ordinal);

    private IEnumerable<Edge> WaysOutOf(ContainerId container) => [.. EdgesOf(container, e => e.To.IsOutside && !e.IsOver), .. PassesOf(container)];

    private IEnumerable<Edge> PassesOf(ContainerId container) => _networksOf[container].SelectMany(n => _passes.GetValueOrDefault((container, n), []));

    private Edge[] PassesOf(Membership member) => _passes.GetValueOrDefault((member.Container, member.Network), []);

    /// <summary>An edge, or what is as one.</summary>
    private bool IsOpen(string id)
    {
        lock (_lock)
        {
            return _edges.TryGetValue(id, out Edge? edge) ? !edge.IsOver : _passIds.Contains(id);
        }
    }

    private void AddPasses(ContainerNetwork network, Membership member)
    {
        if (network.Egress.Count == 0)
        {
            return;
        }

        Edge[] passes = [.. network.Egress.Select((egress, at) => new Edge
        {
            Id = $"{network.Id}-{at}-{member.Container.Short}", From = member.Container, To = egress.To, Port = egress.Port, Protocol = TransportProtocol.Tcp, Owner = network.Owner, CreatedAt = network.CreatedAt,
        })];
        _passes[(member.Container, member.Network)] = passes;
        _passIds.UnionWith(passes.Select(p => p.Id));
    }

    private void RemovePasses(Membership member)
    {
        if (_passes.Remove((member.Container, member.Network), out Edge[]? passes))
        {
            _passIds.ExceptWith(passes.Select(p => p.Id));
            Array.ForEach(passes, _names.Close);
        }
    }
}
