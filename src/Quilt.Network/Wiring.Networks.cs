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
    private readonly IdsByContainer _networksOf = new();
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
                _subnets.Require(subnet, present, asked.Owner);
            }

            ContainerNetwork network = new()
            {
                Id = NewId(), Name = asked.Name, Policy = asked.Policy, Egress = asked.Egress, Owner = asked.Owner, LivesWith = asked.LivesWith, CreatedAt = DateTimeOffset.UtcNow,
                Subnet = asked.Subnet ?? Carry(() => _subnets.Choose(present, HostRoutes())), Subnet6 = _subnets.Choose6(present),
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
    /// <param name="require">Throws where it may not go.</param>
    /// <param name="tell">Writes what is told of it, with the edges that led to it, in the same transaction.</param>
    /// <returns>Those edges; null where there is no such network any more.</returns>
    public IReadOnlyList<Edge>? RemoveNetwork(string id, Action<ContainerNetwork> require, Action<Database.Writer, ContainerNetwork, IReadOnlyList<Edge>> tell)
    {
        lock (_lock)
        {
            if (!_networks.TryGetValue(id, out LiveNetwork? live))
            {
                return null;
            }

            require(live.Network);
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
            LiveNetwork live = _networks.GetValueOrDefault(id) ?? throw NoNetwork(id);
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
                writer.Insert(fresh);
                writer.Upsert(member);
                tell(writer, live.Network);
            });
            rollback.OnFailure(() => _database.Write(writer =>
            {
                writer.Delete(member);
                fresh.ForEach(f => writer.DeleteEndpoint(f.Container));
            }));
            IReadOnlyCollection<NetworkRule> before = RulesOf(live);
            Add(live, member);
            rollback.OnFailure(() => Remove(live, member));
            Carry(() =>
            {
                _fabric.AwaitEnd(live.EndpointOf(member).Address);
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
    /// <exception cref="QuiltException">ResourceExhausted: it exposes as many as one may.</exception>
    public bool Expose(ExposedPort asked, Action<Database.Writer, ExposedPort> tell)
    {
        lock (_lock)
        {
            ExposedPort? known = ExposedBy(asked.Container).FirstOrDefault(p => IsSame(p, asked));
            if (known is null && ExposedBy(asked.Container).Count >= MostExposed)
            {
                throw new QuiltException(ErrorCode.ResourceExhausted, $"'{NameOf(asked.Container)}' exposes {MostExposed} ports, and no container exposes more", "unexpose those that are not needed, or use an open network", "port");
            }

            if (known is null)
            {
                AdmitPort(asked.Container);
            }

            _database.Write(writer =>
            {
                writer.Upsert(asked);
                if (known is null)
                {
                    tell(writer, asked);
                }
            });
            using Rollback rollback = new();
            rollback.OnFailure(() => _database.Write(writer =>
            {
                if (known is null)
                {
                    writer.Delete(asked);
                }
                else
                {
                    writer.Upsert(known);
                }
            }));
            Carry(() =>
            {
                _fabric.AwaitEnd(WhatOf(asked));
                ChangeExposed(asked.Container, [.. ExposedBy(asked.Container).Where(p => !IsSame(p, asked)), asked]);
            });
            rollback.Commit();
            return known is null;
        }
    }

    /// <summary>Nobody reaches it by a network any more; what an edge leads to stays.</summary>
    /// <returns>False where it is not exposed any more.</returns>
    public bool Unexpose(ContainerId container, ushort port, TransportProtocol protocol, Action<Database.Writer, ExposedPort> tell)
    {
        lock (_lock)
        {
            IReadOnlyList<ExposedPort> before = ExposedBy(container);
            if (before.FirstOrDefault(p => p.Port == port && p.Protocol == protocol) is not { } exposed)
            {
                return false;
            }

            using Rollback rollback = new();
            Carry(() => ChangeExposed(container, [.. before.Where(p => p != exposed)]));
            rollback.OnFailure(() => ChangeExposed(container, [.. before]));
            _database.Write(writer =>
            {
                writer.Delete(exposed);
                tell(writer, exposed);
            });
            rollback.Commit();
            NetworkRule[] gone = [.. LiveOf(container).Where(l => l.Network.Policy == NetworkPolicy.Isolated).Select(l => NetworkRule.Exposed(l.Network.Members, AddressRange.Of(l.EndpointOf(l.Members[container])), protocol, port))];
            NetworkRule[] left = [.. LiveOf(container).SelectMany(RulesOf)];
            if (gone.Length > 0)
            {
                Carry(() => _fabric.End(new GoneFlows([WhatOf(exposed)], HolderNow()) { Where = flow => gone.Any(r => r.Covers(flow)) && !left.Any(r => r.Covers(flow)) }));
            }

            return true;
        }
    }

    private static IReadOnlyCollection<IPNetwork> HostRoutes()
    {
        using NetlinkSocket host = NetlinkSocket.Open(NetlinkProtocol.Route);
        return [.. KnownRoute.All(host, RouteRequests.Family(IPAddress.Any)).Select(r => r.To)];
    }

    private static QuiltException NoNetwork(string id) => new(ErrorCode.NotFound, $"there is no network '{id}'", "list the networks", "network");

    private IEnumerable<ContainerNetwork> AllNetworks() => _networks.Values.Select(n => n.Network);

    private IEnumerable<LiveNetwork> LiveOf(ContainerId container) => _networksOf[container].Select(i => _networks[i]);

    private Attachment[] AttachmentsOf(ContainerId container) => [.. LiveOf(container).Select(l => l.AttachmentOf(l.Members[container]))];

    private static bool IsSame(ExposedPort one, ExposedPort other) => one.Port == other.Port && one.Protocol == other.Protocol;

    private static object WhatOf(ExposedPort port) => (port.Container, port.Port, port.Protocol);

    private void Add(LiveNetwork live, Membership member)
    {
        live.Add(member);
        _networksOf.Add(member.Container, member.Network);
        Endpoint endpoint = live.EndpointOf(member);
        _addresses[endpoint.Address] = _addresses[endpoint.Address6] = member.Container;
        AddPasses(live.Network, member);
    }

    private void Remove(LiveNetwork live, Membership member)
    {
        live.Remove(member);
        _networksOf.Remove(member.Container, member.Network);
        Endpoint endpoint = live.EndpointOf(member);
        _addresses.Remove(endpoint.Address);
        _addresses.Remove(endpoint.Address6);
        RemovePasses(member);
    }
}
