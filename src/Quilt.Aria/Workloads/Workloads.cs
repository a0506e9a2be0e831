using Quilt.Core;
using Quilt.Engine;
using Quilt.Network;
using Quilt.Oci;

namespace Quilt.Aria;

/// <summary>What an agent asks of the engine where more is to be looked at than whose a container is: its grant, its limits, and what it lives as long as.</summary>
public sealed partial class Workloads
{
    private readonly ContainerEngine _engine;
    private readonly LifespanRegistry _lifespans;
    private readonly Quotas _quotas;
    private readonly SecretFolder _secrets;

    internal Workloads(ContainerEngine engine, LifespanRegistry lifespans, Quotas quotas, SecretFolder secrets) => (_engine, _lifespans, _quotas, _secrets) = (engine, lifespans, quotas, secrets);

    /// <summary>Makes a container of the caller's, in its session or task.</summary>
    /// <exception cref="QuiltException">PermissionDenied: the grant has no such image, capability or time; ResourceExhausted: a limit; FailedPrecondition: the session or task ends; and what the engine says.</exception>
    public async Task<(ContainerRecord Record, IReadOnlyList<string> Warnings)> CreateAsync(Caller caller, CreateContainerArguments arguments, CancellationToken cancellation)
    {
        List<string> warnings = [];
        ContainerSpec spec = Granted(caller.Agent, ContainerSpecReader.Read(arguments), warnings);
        ContainerOwner owner = OwnerOf(caller, arguments.Strategy, arguments.TaskId);
        string[] networks = [.. (arguments.Networks ?? []).Select(n => caller.NetworkToJoin(n).Id).Distinct()];
        spec = spec with { HostMounts = MountsReader.HostPaths(caller.Agent, arguments.Mounts ?? []), Secrets = MountsReader.Secrets(arguments.Secrets ?? [], arguments.Mounts ?? []) };
        RequireSecrets(caller.Agent, spec, "secrets");
        IReadOnlyList<VolumeMount> volumes = MountsReader.Volumes(caller, arguments.Mounts ?? []);
        NewContainer asked = new(spec) { Volumes = volumes, Owner = owner, Group = caller.Agent.Group, Start = arguments.AutoStart, Window = arguments.Window, Networks = networks };
        using IDisposable place = _quotas.Reserve(caller.Agent, asked.Id, spec.Limits);
        using IDisposable inside = Enter(owner);
        return (await _engine.CreateAsync(asked, cancellation).ConfigureAwait(false), warnings);
    }

    /// <summary>Changes the limits of a container that the caller may change, within those of the container's own agents.</summary>
    /// <exception cref="QuiltException">ResourceExhausted; and what the engine says. Nothing has changed.</exception>
    public Task<(ContainerRecord Before, ContainerRecord After)> SetLimitsAsync(Caller caller, SetResourceLimitsArguments asked, CancellationToken cancellation)
    {
        ContainerId id = caller.Container(asked.Container, Access.Manage).Id;
        return asked.Disk is not { } disk
            ? _engine.SetLimitsAsync(id, spec => spec with { Limits = LimitsReader.Read(asked, spec.Limits), Ulimits = LimitsReader.Ulimits(asked, spec.Ulimits) }, _quotas.Reserve, cancellation)
            : asked == new SetResourceLimitsArguments { Container = asked.Container, Disk = disk }
                ? _engine.GrowDiskAsync(id, LimitsReader.Disk(disk, "disk"), _quotas.Reserve, cancellation)
                : throw QuiltException.Invalid("disk", "a disk grows in a call of its own, for it cannot be taken back where another limit is refused", "give disk alone");
    }

    /// <summary>Where the steps of a build of the caller's run: each is one of its containers while it does.</summary>
    internal StepPlacement PlaceSteps(Caller caller, string build, ContainerLimits limits, IReadOnlyList<NetworkEgress> egress) => new(
        build, new ContainerOwner(caller.Agent.Id, caller.Session?.Id ?? ""), caller.Agent.Group, WithinGrant(caller.Agent, limits), egress, (id, of) => _quotas.Reserve(caller.Agent, id, of));

    /// <summary>Makes a network of the caller's, in its session or task.</summary>
    /// <param name="strategy">task, session or service.</param>
    /// <exception cref="QuiltException">ResourceExhausted: a limit; FailedPrecondition: the session or task ends; and what the engine says.</exception>
    public ContainerNetwork CreateNetwork(Caller caller, NewNetwork asked, string strategy, string? taskId)
    {
        string livesWith = TaskOf(caller, strategy == "task", taskId)?.Id ?? (strategy == "session" ? caller.Session?.Id ?? "" : "");
        using IDisposable inside = _lifespans.EnterAll(livesWith.Length > 0 ? [livesWith] : []);
        using IDisposable place = _quotas.ReserveNetwork(caller.Agent, asked.Name);
        return _engine.CreateNetwork(asked with { LivesWith = livesWith });
    }

    /// <summary>Makes a volume of the caller's.</summary>
    /// <param name="fill">Writes what it begins with into its folder; null: it is empty.</param>
    /// <exception cref="QuiltException">ResourceExhausted: a limit, or the disk; and what the engine says.</exception>
    public async Task<Volume> CreateVolumeAsync(Caller caller, NewVolume asked, Func<string, CancellationToken, Task>? fill, CancellationToken cancellation)
    {
        if (asked.SizeBytes == 0 && caller.Agent.Chain.FirstOrDefault(a => a.Config.Grant.Limits.Disk is not null) is { } limited)
        {
            throw QuiltException.Invalid("size", $"a volume without a size has no limit, and the grant of '{limited}' has one (limits.disk)", "give its size");
        }

        using IDisposable place = _quotas.ReserveVolume(caller.Agent, asked);
        return await _engine.CreateVolumeAsync(asked, fill, cancellation).ConfigureAwait(false);
    }

    /// <summary>What nobody asked for gives way where the grant has less; and where an agent's disk is limited, no container of its is without a limit.</summary>
    private static ContainerLimits WithinGrant(Agent agent, ContainerLimits limits) => limits with
    {
        Pids = limits.Pids == ContainerLimits.Default.Pids ? Math.Min(limits.Pids, Most(agent, l => l.Pids)) : limits.Pids,
        MemoryBytes = limits.MemoryBytes == ContainerLimits.Default.MemoryBytes ? Math.Min(limits.MemoryBytes, Most(agent, l => l.Memory?.Bytes)) : limits.MemoryBytes,
        DiskBytes = limits.DiskBytes <= 0 && Most(agent, l => l.Disk?.Bytes) is < long.MaxValue and var disk
            ? Math.Clamp(disk, ContainerEngine.MinimumDiskBytes, ContainerLimits.UsualDiskBytes)
            : limits.DiskBytes,
    };

    private static long Most(Agent agent, Func<AgentLimits, long?> limit) => agent.Chain.Min(a => limit(a.Config.Grant.Limits)) ?? long.MaxValue;

    /// <summary>Holds the place of a command among those that the caller may run at once.</summary>
    /// <param name="toBackground">It is begun in the background, where it is counted when it runs.</param>
    /// <exception cref="QuiltException">ResourceExhausted.</exception>
    public async Task<IDisposable?> EnterExecAsync(Caller caller, bool toBackground, CancellationToken cancellation)
    {
        while (true)
        {
            // One that goes to the background while they are counted may have been seen neither there nor here.
            long counted = _quotas.ToBackground(caller.Agent);
            Dictionary<string, int> background = new(StringComparer.Ordinal);
            foreach (Agent limited in caller.Agent.Chain.Where(Quotas.LimitsExecs))
            {
                background[limited.Id] = await BackgroundExecsAsync(limited, cancellation).ConfigureAwait(false);
            }

            if (_quotas.TryEnterExec(caller.Agent, toBackground, a => background.GetValueOrDefault(a.Id), counted, out IDisposable? place))
            {
                return place;
            }
        }
    }

    private async Task<int> BackgroundExecsAsync(Agent agent, CancellationToken cancellation)
    {
        int count = 0;
        foreach (ContainerRecord record in _engine.All().Where(r => r.IsRunning && _quotas.IsOf(r, agent)).ToArray())
        {
            try
            {
                count += await _engine.CountExecsAsync(record.Id, cancellation).ConfigureAwait(false);
            }
            catch (QuiltException e) when (e.Code is ErrorCode.NotFound or ErrorCode.Unavailable)
            {
                // It has gone meanwhile, and its execs with it.
            }
        }

        return count;
    }

    private ContainerOwner OwnerOf(Caller caller, ContainerStrategy strategy, string? taskId)
    {
        Lifespan? task = TaskOf(caller, strategy == ContainerStrategy.Task, taskId);
        return new ContainerOwner(caller.Agent.Id, task?.Session ?? caller.Session?.Id ?? "") { Tasks = task is null ? [] : [task.Id] };
    }

    /// <summary>What it is to live as long as does not end meanwhile.</summary>
    private IDisposable Enter(ContainerOwner owner) => _lifespans.EnterAll([.. owner.Tasks, .. owner.Session.Length > 0 ? (string[])[owner.Session] : []]);

    private Lifespan? TaskOf(Caller caller, bool ofTask, string? taskId)
    {
        if (!ofTask)
        {
            return string.IsNullOrEmpty(taskId) ? null : throw QuiltException.Invalid("taskId", "a task is given, and the strategy is another", "give strategy task, or leave the task out");
        }

        return string.IsNullOrEmpty(taskId)
            ? throw QuiltException.Invalid("taskId", "the strategy is task, and no task is given", "begin a task (beginTask) and give its id")
            : _lifespans.Find(taskId, LifespanKind.Task, caller.Agent.Id, l => l.Agent == caller.Agent.Id);
    }

    /// <summary>That they are there, and its own to use. What they hold is read when the container starts.</summary>
    private void RequireSecrets(Agent agent, ContainerSpec spec, string field)
    {
        foreach (string name in spec.Secrets)
        {
            _ = _secrets.Read(agent, name, field);
        }
    }

    private static ContainerSpec Granted(Agent agent, ContainerSpec spec, List<string> warnings)
    {
        ImageAccess.Require(agent, spec.Image, "image");
        ContainerLimits asked = spec.Limits, limits = WithinGrant(agent, asked);
        spec = spec with { Limits = limits };
        if (limits.DiskBytes != asked.DiskBytes)
        {
            warnings.Add($"it has {new ByteSize(limits.DiskBytes)} of disk, as the grant limits it (limits.disk) and no disk was given");
        }

        if (limits.Pids != asked.Pids)
        {
            warnings.Add($"it may have {limits.Pids} processes, as the grant limits them (limits.pids), and not the usual {asked.Pids}");
        }

        if (limits.MemoryBytes != asked.MemoryBytes)
        {
            warnings.Add($"it has {new ByteSize(limits.MemoryBytes)} of memory, as the grant limits it (limits.memory), and not the usual {new ByteSize(asked.MemoryBytes)}");
        }

        if (limits.SwapBytes > 0 && agent.Chain.Any(a => a.Config.Grant.Limits.Memory is not null))
        {
            warnings.Add("it gets no swap: what the grant limits of its agent's memory (limits.memory) is memory alone");
        }

        string[] added = [.. spec.Capabilities.Except(StandardCapabilities.All)];
        foreach (Agent each in agent.Chain)
        {
            Grant grant = each.Config.Grant;
            if (added.FirstOrDefault(c => !grant.Capabilities.Any(p => Pattern.Matches(p, c) || Pattern.Matches(p, c["CAP_".Length..]))) is { } capability)
            {
                throw each.Outside("capabilities", $"the capability {capability}", "capabilities.add", grant.Capabilities);
            }

            if (grant.Limits.Ttl is not { } longest)
            {
                continue;
            }

            if (spec.Ttl is null)
            {
                spec = spec with { Ttl = longest };
                warnings.Add($"it is removed after {DurationText.Format(longest)}, the longest that the grant allows (limits.ttl)");
            }
            else if (spec.Ttl > longest)
            {
                throw new QuiltException(
                    ErrorCode.PermissionDenied, $"a ttl of {DurationText.Format(spec.Ttl.Value)} is longer than the grant of '{each}' allows (limits.ttl: {DurationText.Format(longest)})", $"give at most {DurationText.Format(longest)}", "ttl");
            }
        }

        return spec;
    }
}
