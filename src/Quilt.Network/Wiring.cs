using System.Net;
using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using Quilt.Core;
using Quilt.Linux;
using Quilt.Storage;

namespace Quilt.Network;

/// <summary>
/// Who may reach whom. A container can reach nothing until an edge is drawn; what is declared is in the database first and in the kernel
/// next, and the kernel is brought back to it whenever the two differ.
/// </summary>
public sealed partial class Wiring : IDisposable
{
    /// <summary>A container's link, as the container calls it.</summary>
    public const string LinkName = "eth0";

    /// <summary>Whom every container asks for names; nobody's address, so that it can be the same for all.</summary>
    public const string NameServer = "169.254.1.1";
    private const int IdBytes = 6;

    /// <summary>From one container, and of one: all are looked through where a name is asked for, and rules are made of each.</summary>
    internal const int MostEdges = 4096, MostExposed = 256;
    private readonly WiringOptions _options;
    private readonly Database _database;
    private readonly ILogger _logger;
    private readonly AddressPool _pool;
    private readonly Fabric _fabric;
    private readonly Lock _lock = new();
    private readonly Dictionary<ContainerId, Endpoint> _endpoints = [];
    private readonly Dictionary<IPAddress, ContainerId> _addresses = [];
    private readonly Dictionary<string, Edge> _edges = new(StringComparer.Ordinal);
    private readonly Dictionary<(ContainerId, EdgeTarget, ushort, TransportProtocol), string> _ids = [];

    // By either end.
    private readonly IdsByContainer _edgesOf = new();
    private readonly HashSet<uint> _taken = [];
    private uint _next;

    private Wiring(WiringOptions options, Database database, ILogger logger)
    {
        (_options, _database, _logger) = (options, database, logger);
        _pool = new AddressPool(options.Pool, options.Pool6);
        _fabric = new Fabric(options.RunDir, _pool, new FlowEnding(options.NetworkNamespaceOf, logger), new FabricCalls(LookUpAsync, Decide, IsOpen, options.NetworkNamespaceOf), logger);
        _subnets = new Subnets(_pool, options.Subnets);
        _names = new OutsideNames(new NameServers(options.NameServers).AddressesOfAsync);
    }

    /// <summary>Goes on where the one before ended.</summary>
    /// <param name="containers">Those that there are: what is of others goes.</param>
    public static Wiring Open(WiringOptions options, Database database, IReadOnlySet<ContainerId> containers, ILogger logger)
    {
        database.Migrate(NetworkMigrations.Part, NetworkMigrations.Steps);
        Wiring wiring = new(options, database, logger);
        foreach ((ContainerId container, uint number) in NetworkRows.ReadEndpoints(database))
        {
            if (containers.Contains(container))
            {
                wiring.Add(container, wiring._pool.Endpoint(number));
                wiring._taken.Add(number);
                wiring._next = Math.Max(wiring._next, number + 1);
            }
            else
            {
                database.Write(writer => writer.DeleteNetworkOf(container));
            }
        }

        string pool = wiring._pool.Range.ToString();
        if (NetworkRows.ReadPool(database) is var before && before != pool)
        {
            if (wiring._endpoints.Count > 0)
            {
                throw new QuiltException(
                    ErrorCode.FailedPrecondition, $"{wiring._endpoints.Count} containers have addresses of the pool {before}, and --network-pool is {pool}", $"remove them first, or start quiltd with --network-pool {before}", "networkPool");
            }

            database.Write(writer => writer.SetPool(pool));
        }

        foreach (ContainerNetwork network in NetworkRows.ReadNetworks(database))
        {
            if (network.Subnet.Overlaps(wiring._pool.Range))
            {
                throw new QuiltException(
                    ErrorCode.FailedPrecondition, $"the network '{network.Name}' has the subnet {network.Subnet}, which overlaps with --network-pool {pool}", "start quiltd with the pool that it had before, or remove that network first", "networkPool");
            }

            wiring._networks.Add(network.Id, new LiveNetwork(network));
        }

        foreach (Membership member in NetworkRows.ReadMembers(database))
        {
            wiring.Add(wiring._networks[member.Network], member);
        }

        foreach (IGrouping<ContainerId, ExposedPort> exposed in NetworkRows.ReadExposed(database).GroupBy(p => p.Container))
        {
            if (containers.Contains(exposed.Key))
            {
                wiring._exposed.Add(exposed.Key, [.. exposed]);
            }
            else
            {
                database.Write(writer => writer.DeleteNetworkOf(exposed.Key));
            }
        }

        foreach (Edge edge in NetworkRows.ReadEdges(database))
        {
            wiring.Add(edge);
        }

        foreach (PublishedPort port in NetworkRows.ReadPorts(database))
        {
            wiring._ports.Add(port.Key, port);
        }

        return wiring;
    }

    public IReadOnlyList<Edge> Edges
    {
        get
        {
            lock (_lock)
            {
                return [.. _edges.Values.OrderBy(e => e.CreatedAt)];
            }
        }
    }

    /// <summary>Those that have a place in the fabric.</summary>
    public IReadOnlyList<ContainerId> Containers
    {
        get
        {
            lock (_lock)
            {
                return [.. _endpoints.Keys];
            }
        }
    }

    /// <summary>Those from and to a container.</summary>
    public IReadOnlyList<Edge> EdgesOf(ContainerId container)
    {
        lock (_lock)
        {
            return [.. EdgesOf(container, _ => true)];
        }
    }

    public Edge? TryGet(string edgeId)
    {
        lock (_lock)
        {
            return _edges.GetValueOrDefault(edgeId);
        }
    }

    public Edge? TryFind(ContainerId from, EdgeTarget to, ushort port, TransportProtocol protocol)
    {
        lock (_lock)
        {
            return _ids.TryGetValue((from, to, port, protocol), out string? id) ? _edges[id] : null;
        }
    }

    /// <summary>Draws an edge. One that is there already is the same one, with the alias and the time that are asked for now.</summary>
    /// <param name="tell">Writes what is told of it in the same transaction.</param>
    /// <returns>The edge, and whether it is new.</returns>
    /// <exception cref="QuiltException">ResourceExhausted: the pool has no address left, or the container no room for one more; FailedPrecondition: the kernel or nft lacks something. Nothing has changed.</exception>
    public (Edge Edge, bool IsNew) Establish(Edge asked, Action<Database.Writer, Edge> tell)
    {
        lock (_lock)
        {
            if (_ids.TryGetValue(asked.Key, out string? known))
            {
                Edge again = _edges[known] with { Alias = asked.Alias, ExpiresAt = asked.ExpiresAt };
                _database.Write(writer => writer.Upsert(again));
                _edges[known] = again;
                Carry(() => Open(again)); // its time may have been over, or to sever it half done
                return (again, false);
            }

            if (asked.To is EdgeTarget.Members { Id: var network } && !_networks.ContainsKey(network))
            {
                throw NoNetwork(network);
            }

            if (CountEdges(asked.From) >= MostEdges)
            {
                throw new QuiltException(
                    ErrorCode.ResourceExhausted, $"'{NameOf(asked.From)}' has {MostEdges} connections to others, and no container has more", "sever those that are not needed, or connect it to a network that the others are in", "from");
            }

            AdmitEdge(asked.From);
            using Rollback rollback = new();
            List<(ContainerId Container, Endpoint Endpoint)> fresh = [];
            Take(asked.From, fresh, rollback);
            if (asked.ToContainer is { } target)
            {
                Take(target, fresh, rollback);
            }

            _database.Write(writer =>
            {
                writer.Insert(fresh);
                writer.Upsert(asked);
                tell(writer, asked);
            });
            rollback.OnFailure(() => _database.Write(writer =>
            {
                writer.Delete(asked);
                fresh.ForEach(f => writer.DeleteEndpoint(f.Container));
            }));
            rollback.OnFailure(() => Remove(asked));
            Add(asked);
            Carry(() => Open(asked));
            rollback.Commit();
            return (asked, true);
        }
    }

    /// <summary>Takes an edge away, and ends what flows over it. Where that could not be written down it is shut until the next <see cref="Repair"/>, and can be taken away again.</summary>
    /// <returns>What it has carried; null where there is no such edge.</returns>
    public Traffic? Sever(string edgeId, Action<Database.Writer, Edge> tell)
    {
        lock (_lock)
        {
            if (!_edges.TryGetValue(edgeId, out Edge? edge))
            {
                return null;
            }

            Traffic carried = Carry(() =>
            {
                Traffic last = Carried([edge])[edge.Id];
                Shut([edge]);
                return last;
            });
            _database.Write(writer =>
            {
                writer.Delete(edge);
                tell(writer, edge);
            });
            Remove(edge);
            return carried;
        }
    }

    /// <summary>Takes away what a container had, which is no more: its edges, its places in networks, and its own.</summary>
    /// <param name="tell">Writes what is told of an edge that went, in the same transaction.</param>
    /// <param name="tellLeft">And of a network that it was in.</param>
    /// <returns>The edges that went.</returns>
    public IReadOnlyList<Edge> Forget(ContainerId container, Action<Database.Writer, Edge> tell, Action<Database.Writer, ContainerNetwork> tellLeft)
    {
        lock (_lock)
        {
            if (!_endpoints.TryGetValue(container, out Endpoint? endpoint))
            {
                if (_exposed.ContainsKey(container))
                {
                    _database.Write(writer => writer.DeleteNetworkOf(container));
                    _exposed.Remove(container);
                }

                return [];
            }

            IReadOnlyList<Edge> gone = EdgesOf(container);
            LiveNetwork[] networks = [.. LiveOf(container)];
            Carry(() =>
            {
                _fabric.Forget(container);
                Shut(gone);
            });
            using Rollback rollback = new();
            foreach (Edge edge in gone)
            {
                Remove(edge);
                rollback.OnFailure(() => Add(edge));
            }

            foreach (LiveNetwork live in networks)
            {
                Membership member = live.Members[container];
                TakeOut(live, [member], [], () => { });
                rollback.OnFailure(() => Add(live, member));
            }

            _database.Write(writer =>
            {
                writer.DeleteNetworkOf(container);
                foreach (Edge edge in gone)
                {
                    tell(writer, edge);
                }

                foreach (LiveNetwork live in networks)
                {
                    tellLeft(writer, live.Network);
                }
            });
            rollback.Commit();
            foreach (PublishedPort port in _ports.Values.Where(p => p.Container == container).ToArray())
            {
                Close(port);
            }

            _exposed.Remove(container);
            Remove(container, endpoint);
            return gone;
        }
    }

    /// <summary>Lets go of it; what flows between containers flows on. Where none has a link nothing is left.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            foreach (IPortListener listener in _listeners.Values)
            {
                listener.Dispose();
            }

            if (_endpoints.Count == 0 || _fabric.IsEmpty)
            {
                _fabric.Remove();
            }

            _fabric.Dispose();
        }
    }

    private string NameOf(ContainerId container) => _options.NameOf(container) ?? container.Short;

    public static string NewId() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(IdBytes));

    private void Add(Edge edge)
    {
        _edges.Add(edge.Id, edge);
        _ids.Add(edge.Key, edge.Id);
        if (edge.To is EdgeTarget.Members { Id: var network })
        {
            _networks[network].Edges.Add(edge.Id);
        }

        foreach (ContainerId end in Ends(edge))
        {
            _edgesOf.Add(end, edge.Id);
        }
    }

    private void Remove(Edge edge)
    {
        _edges.Remove(edge.Id);
        _ids.Remove(edge.Key);
        if (edge.To is EdgeTarget.Members { Id: var network } && _networks.TryGetValue(network, out LiveNetwork? live))
        {
            live.Edges.Remove(edge.Id);
        }

        foreach (ContainerId end in Ends(edge))
        {
            _edgesOf.Remove(end, edge.Id);
        }

        _names.Close(edge);
    }

    /// <summary>Sorted last: names are asked for often, and there can be many edges.</summary>
    private IEnumerable<Edge> EdgesOf(ContainerId container, Func<Edge, bool> which) => _edgesOf[container].Select(i => _edges[i]).Where(which).OrderBy(e => e.CreatedAt);

    private static IEnumerable<ContainerId> Ends(Edge edge) => edge.ToContainer is { } to ? [edge.From, to] : [edge.From];
}
