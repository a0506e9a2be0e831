using System.Net;
using Quilt.Core;
using Quilt.Linux;
using Quilt.Storage;

namespace Quilt.Network;

/// <summary>Networks: groups of containers that may reach each other.</summary>
public sealed partial class Wiring
{
    private readonly Subnets _subnets;
    private readonly Dictionary<string, LiveNetwork> _networks = new(StringComparer.Ordinal);
    private readonly Dictionary<ContainerId, HashSet<string>> _networksOf = [];
    private readonly Dictionary<ContainerId, List<ExposedPort>> _exposed = [];

    public IReadOnlyList<ContainerNetwork> Networks
    {
        get
        {
            lock (_lock)
            {
                return [.. AllNetworks().OrderBy(n => n.CreatedAt)];
            }
        }
    }

    public ContainerNetwork? TryGetNetwork(string id)
    {
        lock (_lock)
        {
            return _networks.GetValueOrDefault(id)?.Network;
        }
    }

    /// <summary>Who is in a network, with the address that each has there.</summary>
    public IReadOnlyList<(Membership Member, Endpoint Endpoint)> MembersOf(string network)
    {
        lock (_lock)
        {
            return _networks.TryGetValue(network, out LiveNetwork? live) ? [.. live.Members.Values.OrderBy(m => m.Number).Select(m => (m, live.EndpointOf(m)))] : [];
        }
    }

    /// <summary>Which networks a container is in, with the address that it has there.</summary>
    public IReadOnlyList<(ContainerNetwork Network, Membership Member, Endpoint Endpoint)> MembershipsOf(ContainerId container)
    {
        lock (_lock)
        {
            return [.. LiveOf(container).Select(l => (l.Network, l.Members[container], l.EndpointOf(l.Members[container]))).OrderBy(m => m.Network.CreatedAt)];
        }
    }

    public IReadOnlyList<ExposedPort> ExposedBy(ContainerId container)
    {
        lock (_lock)
        {
            return _exposed.TryGetValue(container, out List<ExposedPort>? ports) ? [.. ports] : [];
        }
    }

    /// <summary>What each network's members have sent each other, and others them by its rules, since the rules were last loaded.</summary>
    public IReadOnlyDictionary<string, Traffic> ReadNetworkTraffic()
    {
        lock (_lock)
        {
            Dictionary<string, IReadOnlyCollection<NetworkRule>> rules = _networks.ToDictionary(n => n.Key, n => RulesOf(n.Value), StringComparer.Ordinal);
            IReadOnlyDictionary<NetworkRule, Traffic> counted = Carry(() => _fabric.Traffic([.. rules.Values.SelectMany(r => r)]));
            return rules.ToDictionary(r => r.Key, r => Sum(r.Value.Select(rule => counted.GetValueOrDefault(rule))), StringComparer.Ordinal);
        }
    }

    /// <summary>Makes a network that nobody is in.</summary>
    /// <param name="tell">Writes what is told of it in the same transaction.</param>
    /// <exception cref="QuiltException">AlreadyExists: the name is taken, or the subnet overlaps; InvalidArgument: it is no subnet; ResourceExhausted: none is left.</exception>
    public ContainerNetwork CreateNetwork(NewNetwork asked, Action<Database.Writer, ContainerNetwork> tell)
    {
        lock (_lock)
        {
            ContainerNetwork[] present = [.. AllNetworks()];
            if (present.Any(n => n.Owner == asked.Owner && n.Name == asked.Name))
            {
                throw new QuiltException(ErrorCode.AlreadyExists, $"a network named '{asked.Name}' exists", "choose another name, or use that network", "name");
            }

            if (asked.Subnet is { } subnet)
            {
                _subnets.Require(subnet, present);
            }

            ContainerNetwork network = new()
            {
                Id = NewId(), Name = asked.Name, Policy = asked.Policy, Egress = asked.Egress, Owner = asked.Owner, LivesWith = asked.LivesWith, CreatedAt = DateTimeOffset.UtcNow,
                Subnet = asked.Subnet ?? Carry(() => _subnets.Choose(present, HostRoutes.Read())), Subnet6 = _subnets.Choose6(present),
            };
            _database.Write(writer =>
            {
                writer.Insert(network);
                tell(writer, network);
            });
            _networks.Add(network.Id, new LiveNetwork(network));
            return network;
        }
    }

    /// <summary>Takes a network away: its members keep what they have beside it.</summary>
    /// <param name="tell">Writes what is told of it, with the edges that led to it, in the same transaction.</param>
    /// <returns>Those edges; null where there is no such network any more.</returns>
    public IReadOnlyList<Edge>? RemoveNetwork(string id, Action<Database.Writer, ContainerNetwork, IReadOnlyList<Edge>> tell)
    {
        lock (_lock)
        {
            if (!_networks.TryGetValue(id, out LiveNetwork? live))
            {
                return null;
            }

            Edge[] edges = [.. live.Edges.Select(e => _edges[e])];
            TakeOut(live, [.. live.Members.Values], edges, () => _database.Write(writer =>
            {
                writer.Delete(live.Network);
                tell(writer, live.Network, edges);
            }));
            _networks.Remove(id);
            return edges;
        }
    }

    /// <summary>Takes a container into a network. One that is in it already gets the aliases that are asked for now.</summary>
    /// <param name="address">Null: one that is free.</param>
    /// <param name="tell">Writes what is told of it in the same transaction.</param>
    /// <returns>Its place, and whether that is new.</returns>
    /// <exception cref="QuiltException">NotFound: the network has gone; InvalidArgument, AlreadyExists: the address is not free in it; ResourceExhausted: none is left; FailedPrecondition: it is in it with another. Nothing has changed.</exception>
    public (Membership Member, bool IsNew) Join(string id, ContainerId container, IReadOnlyList<string> aliases, IPAddress? address, Action<Database.Writer, ContainerNetwork> tell)
    {
        lock (_lock)
        {
            LiveNetwork live = _networks.GetValueOrDefault(id) ?? throw new QuiltException(ErrorCode.NotFound, $"there is no network '{id}'", "list the networks", "network");
            string NameOf(ContainerId c) => _options.NameOf(c) ?? c.Short;
            if (live.Members.TryGetValue(container, out Membership? known))
            {
                if (address is not null && !live.EndpointOf(known).Address.Equals(address))
                {
                    throw new QuiltException(
                        ErrorCode.FailedPrecondition, $"the container '{NameOf(container)}' is in the network '{live.Network.Name}' with {live.EndpointOf(known).Address}", "disconnect it first, or leave the address out", "ip");
                }

                Membership again = known with { Aliases = aliases };
                _database.Write(writer => writer.Upsert(again));
                live.Members[container] = again;
                return (again, false);
            }

            Membership member = new(id, container, live.Choose(address, NameOf), aliases);
            using Rollback rollback = new();
            List<(ContainerId Container, Endpoint Endpoint)> fresh = [];
            Take(container, fresh, rollback);
            _database.Write(writer =>
            {
                foreach ((ContainerId taken, Endpoint endpoint) in fresh)
                {
                    writer.Insert(taken, endpoint.Number);
                }

                writer.Upsert(member);
                tell(writer, live.Network);
            });
            rollback.OnFailure(() => _database.Write(writer =>
            {
                writer.Delete(member);
                fresh.ForEach(f => writer.DeleteNetworkOf(f.Container));
            }));
            IReadOnlyCollection<NetworkRule> before = RulesOf(live);
            Add(live, member);
            rollback.OnFailure(() => Remove(live, member));
            Carry(() =>
            {
                _fabric.AwaitEnd((id, member.Number));
                using FileDescriptor? inside = _options.NetworkNamespaceOf(container);
                if (inside is not null)
                {
                    _fabric.Attach(container, _endpoints[container], live.AttachmentOf(member), inside);
                    rollback.OnFailure(() => Detach(container, live.AttachmentOf(member)));
                }

                ChangeRules(before, RulesOf(live));
                if (live.Network.Egress.Count > 0)
                {
                    _fabric.SetExits(container, ExitsOf(container));
                }
            });
            rollback.Commit();
            return (member, true);
        }
    }

    /// <summary>Takes a container out of a network, and ends what flowed there to and from it.</summary>
    /// <returns>False where it is not in it any more.</returns>
    public bool Leave(string id, ContainerId container, Action<Database.Writer, ContainerNetwork> tell)
    {
        lock (_lock)
        {
            if (!_networks.TryGetValue(id, out LiveNetwork? live) || !live.Members.TryGetValue(container, out Membership? member))
            {
                return false;
            }

            TakeOut(live, [member], [], () => _database.Write(writer =>
            {
                writer.Delete(member);
                tell(writer, live.Network);
            }));
            return true;
        }
    }

    /// <summary>Lets the members of a container's networks reach a port of it, now and when it joins others. The same one again is no other.</summary>
    /// <returns>False: it was so already, and has the name that is asked for now.</returns>
    public bool Expose(ExposedPort asked, Action<Database.Writer, ExposedPort> tell)
    {
        lock (_lock)
        {
            bool isNew = ExposedBy(asked.Container).All(p => !IsSame(p, asked));
            _database.Write(writer =>
            {
                writer.Upsert(asked);
                if (isNew)
                {
                    tell(writer, asked);
                }
            });
            using Rollback rollback = new();
            rollback.OnFailure(() => _database.Write(writer => writer.Delete(asked)));
            Carry(() =>
            {
                _fabric.AwaitEnd(WhatOf(asked));
                ChangeExposed(asked.Container, [.. ExposedBy(asked.Container).Where(p => !IsSame(p, asked)), asked]);
            });
            rollback.Commit();
            return isNew;
        }
    }

    /// <summary>Nobody reaches it by a network any more; what an edge leads to stays.</summary>
    /// <returns>False where it is not exposed any more.</returns>
    public bool Unexpose(ContainerId container, ushort port, TransportProtocol protocol, Action<Database.Writer, ExposedPort> tell)
    {
        lock (_lock)
        {
            if (ExposedBy(container).FirstOrDefault(p => p.Port == port && p.Protocol == protocol) is not { } exposed)
            {
                return false;
            }

            Carry(() =>
            {
                ChangeExposed(container, [.. ExposedBy(container).Where(p => p != exposed)]);
                AddressRange[] own = [.. LiveOf(container).Where(l => l.Network.Policy == NetworkPolicy.Isolated).Select(l => AddressRange.Of(l.EndpointOf(l.Members[container])))];
                if (own.Length > 0)
                {
                    _fabric.End(new GoneFlows(WhatOf(exposed), HolderNow())
                    {
                        Where = flow => flow.ToPort == port && flow.Protocol == (byte)protocol && own.Any(o => o.Contains(new IPAddress(flow.To))),
                    });
                }
            });
            _database.Write(writer =>
            {
                writer.Delete(exposed);
                tell(writer, exposed);
            });
            return true;
        }
    }

    private IEnumerable<ContainerNetwork> AllNetworks() => _networks.Values.Select(n => n.Network);

    private IEnumerable<LiveNetwork> LiveOf(ContainerId container) => _networksOf.TryGetValue(container, out HashSet<string>? ids) ? ids.Select(i => _networks[i]) : [];

    private Attachment[] AttachmentsOf(ContainerId container) => [.. LiveOf(container).Select(l => l.AttachmentOf(l.Members[container]))];

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
        GoneFlows[] gone = [.. members.Select(m => FlowsOf(live, m, holderOf)), .. edges.Select(FlowsOf)];
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

        if (gone.Length > 0)
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

    /// <summary>What flows over an edge to a network.</summary>
    private GoneFlows FlowsOf(Edge edge)
    {
        NetworkRule[] reaches = [.. ReachesOf(edge, LiveOf(edge))];
        return new GoneFlows(edge.Key, HolderNow())
        {
            Where = flow => flow.ToPort == edge.Port && flow.Protocol == (byte)edge.Protocol && reaches.Any(r => r.From.Contains(new IPAddress(flow.From)) && r.To.Contains(new IPAddress(flow.To))),
        };
    }

    private void Detach(ContainerId container, Attachment attachment)
    {
        using FileDescriptor? inside = _options.NetworkNamespaceOf(container);
        _fabric.Detach(container, _endpoints[container], attachment, inside);
    }

    /// <summary>What flows to and from a member's address.</summary>
    private static GoneFlows FlowsOf(LiveNetwork live, Membership member, Func<IPAddress, ContainerId?> holderOf)
    {
        AddressRange own = AddressRange.Of(live.EndpointOf(member));
        return new GoneFlows((member.Network, member.Number), holderOf) { Where = flow => own.Contains(new IPAddress(flow.From)) || own.Contains(new IPAddress(flow.To)) };
    }

    /// <summary>Whose addresses are at this moment.</summary>
    private Func<IPAddress, ContainerId?> HolderNow()
    {
        Dictionary<IPAddress, ContainerId> now = new(_addresses);
        return address => now.TryGetValue(address, out ContainerId id) ? id : null;
    }

    private void ChangeExposed(ContainerId container, List<ExposedPort> ports)
    {
        LiveNetwork[] networks = [.. LiveOf(container)];
        IReadOnlyCollection<NetworkRule>[] before = [.. networks.Select(RulesOf)];
        List<ExposedPort>? old = _exposed.GetValueOrDefault(container);
        _exposed[container] = ports;
        try
        {
            for (int at = 0; at < networks.Length; at++)
            {
                ChangeRules(before[at], RulesOf(networks[at]));
            }
        }
        catch
        {
            _exposed[container] = old ?? [];
            throw;
        }
    }

    private static bool IsSame(ExposedPort one, ExposedPort other) => one.Port == other.Port && one.Protocol == other.Protocol;

    private static object WhatOf(ExposedPort port) => (port.Container, port.Port, port.Protocol);

    private void Add(LiveNetwork live, Membership member)
    {
        live.Add(member);
        (_networksOf.TryGetValue(member.Container, out HashSet<string>? ids) ? ids : _networksOf[member.Container] = new HashSet<string>(StringComparer.Ordinal)).Add(member.Network);
        Endpoint endpoint = live.EndpointOf(member);
        _addresses[endpoint.Address] = _addresses[endpoint.Address6] = member.Container;
        AddPasses(live.Network, member);
    }

    private void Remove(LiveNetwork live, Membership member)
    {
        live.Remove(member);
        if (_networksOf.TryGetValue(member.Container, out HashSet<string>? ids) && ids.Remove(member.Network) && ids.Count == 0)
        {
            _networksOf.Remove(member.Container);
        }

        Endpoint endpoint = live.EndpointOf(member);
        _addresses.Remove(endpoint.Address);
        _addresses.Remove(endpoint.Address6);
        RemovePasses(member);
    }
}
