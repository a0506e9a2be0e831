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
public sealed class Wiring : IDisposable
{
    private const int IdBytes = 6;
    private readonly Database _database;
    private readonly AddressPool _pool;
    private readonly Fabric _fabric;
    private readonly Lock _lock = new();
    private readonly Dictionary<ContainerId, Endpoint> _endpoints = [];
    private readonly Dictionary<string, Edge> _edges = new(StringComparer.Ordinal);
    private readonly Dictionary<(ContainerId, ContainerId, ushort, TransportProtocol), string> _ids = [];
    private readonly HashSet<uint> _taken = [];
    private uint _next;

    private Wiring(WiringOptions options, Database database, ILogger logger)
    {
        _database = database;
        _pool = new AddressPool(options.Pool, options.Pool6);
        _fabric = new Fabric(options.RunDir, _pool, new FlowEnding(options.NetworkNamespaceOf, logger));
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
                wiring._endpoints.Add(container, wiring._pool.Endpoint(number));
                wiring._taken.Add(number);
                wiring._next = Math.Max(wiring._next, number + 1);
            }
            else
            {
                database.Write(writer => writer.DeleteNetworkOf(container));
            }
        }

        foreach (Edge edge in NetworkRows.ReadEdges(database))
        {
            wiring._edges.Add(edge.Id, edge);
            wiring._ids.Add(edge.Key, edge.Id);
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

    /// <summary>A container's place; null where it has never had an edge.</summary>
    public Endpoint? EndpointOf(ContainerId container)
    {
        lock (_lock)
        {
            return _endpoints.GetValueOrDefault(container);
        }
    }

    public Edge? TryGet(string edgeId)
    {
        lock (_lock)
        {
            return _edges.GetValueOrDefault(edgeId);
        }
    }

    public Edge? TryFind(ContainerId from, ContainerId to, ushort port, TransportProtocol protocol)
    {
        lock (_lock)
        {
            return _ids.TryGetValue((from, to, port, protocol), out string? id) ? _edges[id] : null;
        }
    }

    /// <summary>Draws an edge. One that is there already is the same one, with the alias and the time that are asked for now.</summary>
    /// <param name="tell">Writes what is told of it in the same transaction.</param>
    /// <returns>The edge, and whether it is new.</returns>
    /// <exception cref="QuiltException">ResourceExhausted: the pool has no address left; FailedPrecondition: the kernel or nft lacks something. Nothing has changed.</exception>
    public (Edge Edge, bool IsNew) Establish(Edge asked, Action<Database.Writer, Edge> tell)
    {
        lock (_lock)
        {
            if (_ids.TryGetValue(asked.Key, out string? known))
            {
                Edge again = _edges[known] with { Alias = asked.Alias, ExpiresAt = asked.ExpiresAt };
                _database.Write(writer => writer.Upsert(again));
                _edges[known] = again;
                return (again, false);
            }

            using Rollback rollback = new();
            List<(ContainerId Container, Endpoint Endpoint)> fresh = [];
            Flow flow = new(Take(asked.From, fresh, rollback), Take(asked.To, fresh, rollback), asked.Protocol, asked.Port);
            _database.Write(writer =>
            {
                foreach ((ContainerId container, Endpoint endpoint) in fresh)
                {
                    writer.Insert(container, endpoint.Number);
                }

                writer.Upsert(asked);
                tell(writer, asked);
            });
            rollback.OnFailure(() => _database.Write(writer =>
            {
                writer.Delete(asked);
                fresh.ForEach(f => writer.DeleteNetworkOf(f.Container));
            }));
            Carry(() => _fabric.Allow(flow));
            _edges.Add(asked.Id, asked);
            _ids.Add(asked.Key, asked.Id);
            rollback.Commit();
            return (asked, true);
        }
    }

    /// <summary>Takes an edge away, and ends what flows over it.</summary>
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
                Traffic last = _fabric.Traffic(FlowOf(edge));
                _fabric.Deny(Going(edge));
                return last;
            });
            _database.Write(writer =>
            {
                writer.Delete(edge);
                tell(writer, edge);
            });
            _edges.Remove(edge.Id);
            _ids.Remove(edge.Key);
            return carried;
        }
    }

    /// <summary>Gives a container that has an endpoint its link. Its network namespace is a new one at each start.</summary>
    public void Plug(ContainerId container, FileDescriptor networkNamespace)
    {
        lock (_lock)
        {
            if (_endpoints.TryGetValue(container, out Endpoint? endpoint))
            {
                Carry(() => _fabric.Plug(container, endpoint, networkNamespace));
            }
        }
    }

    /// <summary>Takes away what a container had, which is no more: its edges, and its place.</summary>
    /// <returns>The edges that went.</returns>
    public IReadOnlyList<Edge> Forget(ContainerId container)
    {
        lock (_lock)
        {
            if (!_endpoints.TryGetValue(container, out Endpoint? endpoint))
            {
                return [];
            }

            Edge[] gone = [.. _edges.Values.Where(e => e.From == container || e.To == container)];
            Carry(() =>
            {
                _fabric.Forget(container, endpoint);
                _fabric.Deny([.. gone.Select(Going)]);
            });
            _database.Write(writer => writer.DeleteNetworkOf(container));
            foreach (Edge edge in gone)
            {
                _edges.Remove(edge.Id);
                _ids.Remove(edge.Key);
            }

            _endpoints.Remove(container);
            _taken.Remove(endpoint.Number);
            return gone;
        }
    }

    /// <summary>What each edge has carried since it was drawn, or since the kernel's rules were last loaded.</summary>
    public IReadOnlyDictionary<string, Traffic> ReadTraffic()
    {
        lock (_lock)
        {
            Dictionary<string, Flow> flows = _edges.Values.ToDictionary(e => e.Id, FlowOf, StringComparer.Ordinal);
            IReadOnlyDictionary<Flow, Traffic> counted = Carry(() => _fabric.Traffic([.. flows.Values]));
            return flows.ToDictionary(f => f.Key, f => counted[f.Value], StringComparer.Ordinal);
        }
    }

    /// <summary>Brings the kernel to what is declared.</summary>
    /// <returns>What was otherwise, and which containers with an endpoint have no link.</returns>
    public (IReadOnlyList<string> Drift, IReadOnlyList<ContainerId> Unplugged) Repair()
    {
        lock (_lock)
        {
            if (_endpoints.Count == 0)
            {
                _fabric.Remove();
                return ([], []);
            }

            IReadOnlyList<string> drift = Carry(() => _fabric.Repair(_endpoints, [.. _edges.Values.Select(FlowOf)]));
            return (drift, [.. _endpoints.Keys.Where(c => !_fabric.IsPlugged(c))]);
        }
    }

    /// <summary>Lets go of it; what flows flows on. Without any endpoint nothing is left.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            if (_endpoints.Count == 0)
            {
                _fabric.Remove();
            }

            _fabric.Dispose();
        }
    }

    public static string NewId() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(IdBytes));

    private (Flow, ContainerId, ContainerId) Going(Edge edge) => (FlowOf(edge), edge.From, edge.To);

    private Flow FlowOf(Edge edge) => new(_endpoints[edge.From], _endpoints[edge.To], edge.Protocol, edge.Port);

    /// <summary>A number that nobody has, and that was free for as long as there are others: what still goes to the one before meets nobody.</summary>
    private Endpoint Take(ContainerId container, List<(ContainerId, Endpoint)> fresh, Rollback rollback)
    {
        if (_endpoints.TryGetValue(container, out Endpoint? known))
        {
            return known;
        }

        if (_taken.Count >= _pool.Capacity)
        {
            throw new QuiltException(
                ErrorCode.ResourceExhausted, $"no address is left in {_pool.Range}: {_taken.Count} containers have one", "remove containers that are connected, or give quiltd a larger --network-pool", "networkPool");
        }

        while (!_taken.Add(_next %= _pool.Capacity))
        {
            _next++;
        }

        Endpoint endpoint = _pool.Endpoint(_next++);
        _endpoints.Add(container, endpoint);
        fresh.Add((container, endpoint));
        rollback.OnFailure(() =>
        {
            _endpoints.Remove(container);
            _taken.Remove(endpoint.Number);
        });
        return endpoint;
    }

    private static void Carry(Action act) => Carry(() =>
    {
        act();
        return true;
    });

    /// <summary>What the kernel refuses is told as what it means.</summary>
    private static T Carry<T>(Func<T> act)
    {
        try
        {
            return act();
        }
        catch (SyscallException e)
        {
            throw new QuiltException(
                ErrorCode.FailedPrecondition, $"the kernel refuses to wire the containers: {e.Message}", "check that it has veth, nf_tables and nf_conntrack ('quilt doctor'), and that the container has no link of its own named eth0", null, e);
        }
    }
}
