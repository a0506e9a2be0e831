using System.Globalization;
using Quilt.Core;
using Quilt.Engine;

namespace Quilt.Aria;

/// <summary>
/// Keeps every agent, with all below it, within its limits. What there is, is counted from the engine, never remembered, so no crash
/// makes it wrong; what is just being made is reserved, so that calls that race cannot both have the last one.
/// </summary>
public sealed partial class Quotas
{
    private readonly ContainerEngine _engine;
    private readonly AgentRegistry _agents;
    private readonly Lock _lock = new();
    private readonly Dictionary<ContainerId, Place> _reserved = [];
    private readonly HashSet<(string Owner, string Name)> _reservedNetworks = [];
    private readonly List<NewVolume> _reservedVolumes = [];
    private readonly List<(string Owner, long Bytes, bool Named)> _reservedSnapshots = [];

    internal Quotas(ContainerEngine engine, AgentRegistry agents) => (_engine, _agents) = (engine, agents);

    /// <summary>Holds the place of a container until it is in the engine, or is not to be.</summary>
    /// <exception cref="QuiltException">ResourceExhausted: which limit, of whom, how much is left, and what frees it.</exception>
    internal IDisposable Reserve(Agent agent, ContainerId id, ContainerLimits limits) => ReserveAll(agent, [id], limits);

    /// <summary>As <see cref="Reserve"/>, of several alike: all or none.</summary>
    internal IDisposable ReserveAll(Agent agent, IReadOnlyList<ContainerId> ids, ContainerLimits limits)
    {
        Place place = new(agent, limits);
        lock (_lock)
        {
            foreach (Agent each in agent.Chain.Where(a => !a.IsOperator))
            {
                AgentLimits most = each.Config.Grant.Limits;
                if (most.Containers is null && most.Memory is null && most.Cpus is null && most.Pids is null && most.Disk is null)
                {
                    continue;
                }

                (int containers, long memory, double cpus) = Count(each, ids);
                Check(each, agent, "containers", most.Containers, containers, ids.Count, "containers");
                Check(each, agent, "memory", most.Memory?.Bytes, memory, limits.MemoryBytes * ids.Count, "bytes of memory");
                Check(each, agent, "cpus", most.Cpus, cpus, limits.Cpus * ids.Count, "CPUs");
                Check(each, agent, "pids", most.Pids, 0, limits.Pids < 0 ? 0 : limits.Pids, "processes");
                Check(each, agent, "disk", most.Disk?.Bytes, most.Disk is null ? 0 : CountDisk(each, ids), limits.DiskBytes * ids.Count, "bytes of disk");
            }

            foreach (ContainerId id in ids)
            {
                // One that was just made may be given other limits before its maker lets go.
                _reserved[id] = place;
            }
        }

        return new Release(this, () =>
        {
            foreach (ContainerId id in ids.Where(i => ReferenceEquals(_reserved.GetValueOrDefault(i), place)))
            {
                _reserved.Remove(id);
            }
        });
    }

    /// <summary>Holds the place of other limits for a container that there is, within those of its own agents.</summary>
    /// <exception cref="QuiltException">ResourceExhausted.</exception>
    internal IDisposable Reserve(ContainerRecord record) => Reserve(_agents.TryGet(record.Owner.Agent) ?? Agent.Operator, record.Id, record.Spec.Limits);

    /// <summary>Holds the place of a network until it is in the engine, or is not to be.</summary>
    /// <param name="name">No two of an agent's have the same.</param>
    /// <exception cref="QuiltException">ResourceExhausted.</exception>
    internal IDisposable ReserveNetwork(Agent agent, string name)
    {
        lock (_lock)
        {
            foreach (Agent each in agent.Chain.Where(a => a.Config.Grant.Limits.Networks is not null))
            {
                Check(each, agent, "networks", each.Config.Grant.Limits.Networks, CountNetworks(each), 1, "networks");
            }

            _reservedNetworks.Add((agent.Id, name));
        }

        return new Release(this, () => _reservedNetworks.Remove((agent.Id, name)));
    }

    /// <summary>Holds the place of a volume until it is in the engine, or is not to be.</summary>
    /// <exception cref="QuiltException">ResourceExhausted.</exception>
    internal IDisposable ReserveVolume(Agent agent, NewVolume asked)
    {
        lock (_lock)
        {
            foreach (Agent each in agent.Chain.Where(a => !a.IsOperator))
            {
                AgentLimits most = each.Config.Grant.Limits;
                if (most.Volumes is not null || most.Disk is not null || (most.Memory is not null && asked.InMemory))
                {
                    Check(each, agent, "volumes", most.Volumes, VolumesOf(each).Count(), 1, "volumes");
                    if (asked.InMemory && most.Memory is { } memory)
                    {
                        Check(each, agent, "memory", memory.Bytes, Count(each, []).MemoryBytes, asked.SizeBytes, "bytes of memory");
                    }

                    Check(each, agent, "disk", most.Disk?.Bytes, most.Disk is null ? 0 : CountDisk(each, []), asked.SizeBytes, "bytes of disk");
                }
            }

            _reservedVolumes.Add(asked);
        }

        return new Release(this, () => _reservedVolumes.Remove(asked));
    }

    /// <summary>Holds the place of a snapshot until it is in the engine, or is not to be.</summary>
    /// <param name="owner">The agent's id that is to have it.</param>
    /// <param name="bytes">What it will keep, as far as that is known before.</param>
    /// <param name="named">One without a name is not among those that are counted: it goes by itself.</param>
    /// <exception cref="QuiltException">ResourceExhausted.</exception>
    internal IDisposable ReserveSnapshot(string owner, long bytes, bool named)
    {
        (string, long, bool) place = (owner, bytes, named);
        lock (_lock)
        {
            foreach (Agent each in _agents.TryGet(owner)?.Chain ?? [])
            {
                AgentLimits most = each.Config.Grant.Limits;
                if (named && most.Snapshots is { } count)
                {
                    int had = _engine.Snapshots().Where(s => s.Name is not null).Select(s => s.Agent).Concat(_reservedSnapshots.Where(r => r.Named).Select(r => r.Owner)).Count(s => IsOf(s, each));
                    Check(each, each, "snapshots", count, had, 1, "snapshots");
                }

                if (most.Disk is { } disk)
                {
                    Check(each, each, "disk", disk.Bytes, CountDisk(each, []), bytes, "bytes of disk");
                }
            }

            _reservedSnapshots.Add(place);
        }

        return new Release(this, () => _reservedSnapshots.Remove(place));
    }

    /// <summary>Whether what it has on the disk is counted.</summary>
    /// <param name="owner">An agent's id; empty: the operator.</param>
    internal bool LimitsDisk(string owner) => _agents.TryGet(owner)?.Chain.Any(a => a.Config.Grant.Limits.Disk is not null) == true;

    public Usage Of(Agent agent)
    {
        lock (_lock)
        {
            (int containers, long memory, double cpus) = Count(agent, []);
            HashSet<ContainerId> own = ContainersOf(agent);
            return new Usage(containers, memory, cpus, CountNetworks(agent), Running(agent, Kind.Execs), Running(agent, Kind.Calls))
            {
                DiskBytes = CountDisk(agent, []), Volumes = VolumesOf(agent).Count(), Edges = _engine.Wiring.CountEdges(own), Ports = _engine.Wiring.CountPorts(own),
            };
        }
    }

    private (int Containers, long MemoryBytes, double Cpus) Count(Agent agent, IReadOnlyList<ContainerId> but)
    {
        (int containers, long memory, double cpus) = (0, 0, 0);
        foreach (ContainerRecord record in _engine.All().Where(r => !but.Contains(r.Id) && !_reserved.ContainsKey(r.Id) && IsOf(r, agent)))
        {
            (containers, memory, cpus) = (containers + 1, memory + record.Spec.Limits.MemoryBytes, cpus + record.Spec.Limits.Cpus);
        }

        foreach ((ContainerId id, Place place) in _reserved)
        {
            if (!but.Contains(id) && place.Agent.IsWithin(agent))
            {
                (containers, memory, cpus) = (containers + 1, memory + place.Limits.MemoryBytes, cpus + place.Limits.Cpus);
            }
        }

        return (containers, memory + VolumesOf(agent).Where(v => v.InMemory).Sum(v => v.SizeBytes), cpus);
    }

    /// <summary>What its containers and its volumes may come to take, and its snapshots do, those included that its forks stand on, and what waits to be used.</summary>
    private long CountDisk(Agent agent, IReadOnlyList<ContainerId> but) =>
        _engine.All().Where(r => !but.Contains(r.Id) && !_reserved.ContainsKey(r.Id) && IsOf(r, agent)).Sum(r => r.Spec.Limits.DiskBytes)
        + _reserved.Where(r => !but.Contains(r.Key) && r.Value.Agent.IsWithin(agent)).Sum(r => r.Value.Limits.DiskBytes)
        + VolumesOf(agent).Sum(v => v.SizeBytes)
        + _engine.Snapshots().Where(s => IsOf(s.Agent, agent)).Sum(s => s.SizeBytes + s.VolumeBytes)
        + _reservedSnapshots.Where(r => IsOf(r.Owner, agent)).Sum(r => r.Bytes)
        + Transfers(agent).Sum(t => t.Bytes);

    /// <summary>Those too that are being made, each for itself: a name that is taken is refused later, and frees nothing that another has.</summary>
    private IEnumerable<NewVolume> VolumesOf(Agent agent)
    {
        NewVolume[] made = [.. _engine.Volumes.Select(v => new NewVolume(v.Owner, v.Name) { InMemory = v.InMemory, SizeBytes = v.SizeBytes })];
        return made.Concat(_reservedVolumes.Where(r => !made.Any(m => (m.Owner, m.Name) == (r.Owner, r.Name)))).Where(v => IsOf(v.Owner, agent));
    }

    private int CountNetworks(Agent agent) => _engine.Wiring.Networks.Select(n => (n.Owner, n.Name)).Concat(_reservedNetworks).Distinct().Count(n => IsOf(n.Owner, agent));

    internal bool IsOf(ContainerRecord record, Agent agent) => IsOf(record.Owner.Agent, agent);

    private bool IsOf(string owner, Agent agent) => agent.IsOperator || owner == agent.Id || _agents.IsWithin(owner, agent);

    private static void Check(Agent limited, Agent caller, string limit, double? most, double had, double asked, string what)
    {
        if (most is { } bound && had + asked > bound + 1e-9)
        {
            string whose = limited.Id == caller.Id ? "" : $" of the agent '{limited.Name}', which delegated to you,";
            string Text(double number) => number.ToString("0.###", CultureInfo.InvariantCulture);
            throw new QuiltException(
                ErrorCode.ResourceExhausted, $"the limit{whose} of {Text(bound)} {what} is reached: {Text(Math.Max(0, bound - had))} left, {Text(asked)} needed",
                limit switch
                {
                    "containers" => "remove a container that is no longer needed, or end its task or session",
                    "volumes" => "remove a volume that is no longer needed",
                    "disk" => "ask for less disk, remove a container, a volume or a snapshot that has some, or use or fetch what waits",
                    "networks" => "remove a network that is no longer needed",
                    "edges" => "sever a connection that is no longer needed, or use a network that its containers are in",
                    "ports" => "unexpose or unbind a port that is no longer needed",
                    "snapshots" => "remove a snapshot that is no longer needed",
                    "execs" or "calls" or Cognitive => "wait until one of them has ended",
                    Transfer => "use or fetch what waits, or wait: each is dropped after 15 minutes",
                    Connection => "end one (DELETE with its Mcp-Session-Id), or wait: one that is idle ends after two hours",
                    Bodies => "wait until one of them has been read, and send what is large by an upload",
                    "memory" => "ask for less memory, or remove a container, or a volume in memory, that has some",
                    _ => $"ask for less {limit}, or remove a container that has some",
                },
                limit is Transfer or Connection or Cognitive or Bodies ? null : $"limits.{limit}"); // those are no grant's
        }
    }

    private sealed class Place(Agent agent, ContainerLimits limits)
    {
        internal Agent Agent => agent;
        internal ContainerLimits Limits => limits;
    }

    /// <summary>Gives a place back, once.</summary>
    private sealed class Release(Quotas quotas, Action release) : IDisposable
    {
        private Action? _release = release;

        public void Dispose()
        {
            lock (quotas._lock)
            {
                _release?.Invoke();
                _release = null;
            }
        }
    }
}
