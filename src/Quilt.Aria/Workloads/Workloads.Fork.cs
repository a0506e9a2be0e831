using System.Globalization;
using Quilt.Core;
using Quilt.Engine;
using Quilt.Network;

namespace Quilt.Aria;

public sealed partial class Workloads
{
    private const int LongestName = 63;
    private readonly HashSet<(string Agent, ContainerName Name)> _forkNames = [];

    /// <summary>Takes a snapshot of a container, within its agent's limits.</summary>
    /// <exception cref="QuiltException">ResourceExhausted: a limit; and what the engine says.</exception>
    public async Task<(SnapshotRecord Snapshot, TimeSpan Still)> SnapshotAsync(ContainerRecord of, ContainerName name, CancellationToken cancellation)
    {
        using IDisposable place = await ReserveCutAsync(of, named: true, cancellation).ConfigureAwait(false);
        return await _engine.SnapshotAsync(of.Id, name, cancellation).ConfigureAwait(false);
    }

    /// <summary>What a container has written is kept by the cut, and it may write as much again: it is looked at where that counts.</summary>
    private async Task<IDisposable> ReserveCutAsync(ContainerRecord of, bool named, CancellationToken cancellation)
    {
        long bytes = _quotas.LimitsDisk(of.Owner.Agent) ? (await _engine.WrittenBytesAsync([of.Id], of.Owner.Agent, cancellation).ConfigureAwait(false))[of.Id] : 0;
        return _quotas.ReserveSnapshot(of.Owner.Agent, bytes, named);
    }

    /// <summary>Makes containers of the caller's, in its session or task, of another or of a snapshot.</summary>
    /// <exception cref="QuiltException">As <see cref="CreateAsync"/>, and what the engine says. None is made then.</exception>
    public async Task<(Fork Fork, IReadOnlyList<string> Warnings)> ForkAsync(Caller caller, ForkContainerArguments arguments, CancellationToken cancellation)
    {
        ContainerRecord? container = null;
        SnapshotRecord? snapshot = null;
        switch (arguments)
        {
            case { Container.Length: > 0, Snapshot: null or "" }:
                container = caller.Container(arguments.Container, Access.Manage);
                break;
            case { Snapshot.Length: > 0, Container: null or "" }:
                snapshot = caller.Snapshot(arguments.Snapshot);
                break;
            default:
                throw QuiltException.Invalid("container", "a container and a snapshot are given, or none of the two", "give the one to fork");
        }

        List<string> warnings = [];
        ContainerSpec spec = Granted(caller.Agent, Forked(container?.Spec ?? snapshot!.Spec, arguments), warnings);
        spec = spec with { HostMounts = [.. spec.HostMounts.Select(m => m with { Source = HostFile.Mountable(caller.Agent, m.Source, m.ReadOnly, "container") })] };
        RequireSecrets(caller.Agent, spec, "container");
        IReadOnlyList<VolumeMount> volumes = container is not null
            ? [.. container.VolumeMounts.Select(m => m with { Volume = caller.Volume(m.Volume, "container").Id })]
            : VolumesStillThere(caller, snapshot!, warnings);
        warnings.AddRange(Shared(volumes, spec.HostMounts));
        ContainerOwner owner = OwnerOf(caller, arguments.Strategy, arguments.TaskId);
        string[] networks = arguments.CopyNetworks && container is not null
            ? [.. _engine.Wiring.MembershipsOf(container.Id).Select(m => caller.NetworkToJoin(m.Network.Id).Id)]
            : [];
        bool start = arguments.Start ?? (container is null || container.IsRunning);
        using ForkNames names = NamesOf(caller, arguments, container?.Name ?? snapshot!.ContainerName);
        NewContainer[] asked =
        [
            .. names.All.Select(name =>
                new NewContainer(spec with { Name = name }) { Volumes = volumes, Owner = owner, Group = caller.Agent.Group, Start = start, Networks = networks }),
        ];
        using IDisposable places = _quotas.ReserveAll(caller.Agent, [.. asked.Select(a => a.Id)], spec.Limits);
        using IDisposable? cut = container is null ? null : await ReserveCutAsync(container, named: false, cancellation).ConfigureAwait(false);
        using IDisposable inside = Enter(owner);
        Fork fork = container is not null
            ? await _engine.ForkAsync(container.Id, asked, cancellation).ConfigureAwait(false)
            : await _engine.ForkAsync(snapshot!.Id, asked, cancellation).ConfigureAwait(false);
        warnings.AddRange(NotCopied(container, arguments.CopyNetworks));
        return (fork, warnings);
    }

    /// <summary>What a fork is like its source in, and what is its own.</summary>
    private static ContainerSpec Forked(ContainerSpec source, ForkContainerArguments arguments) => source with
    {
        Name = null,
        Hostname = null,
        Strategy = arguments.Strategy,
        AutoRemove = arguments.Strategy == ContainerStrategy.Ephemeral,
        Ttl = arguments.Ttl is { } ttl ? ContainerSpecReader.Positive("ttl", ttl) : null,
    };

    /// <summary>A snapshot may be older than what has become of its container's volumes.</summary>
    private List<VolumeMount> VolumesStillThere(Caller caller, SnapshotRecord snapshot, List<string> warnings)
    {
        List<VolumeMount> there = [];
        foreach (VolumeMount mount in snapshot.VolumeMounts)
        {
            if (_engine.TryGetVolume(mount.Volume) is { } volume && caller.Has(volume.Owner))
            {
                there.Add(mount);
            }
            else
            {
                warnings.Add($"the volume that was at '{mount.Path}' is gone (createVolume, attachVolume)");
            }
        }

        return there;
    }

    /// <summary>What forks write there the source and each other sees.</summary>
    private IEnumerable<string> Shared(IReadOnlyList<VolumeMount> volumes, IReadOnlyList<HostMount> host) =>
    [
        .. volumes.Where(v => !v.ReadOnly).Select(v => $"the volume '{_engine.TryGetVolume(v.Volume)?.Name}' at '{v.Path}' is the same in all, until it is detached"),
        .. host.Where(h => !h.ReadOnly).Select(h => $"the host's files at '{h.Path}' are the same in all"),
    ];

    private ForkNames NamesOf(Caller caller, ForkContainerArguments arguments, ContainerName source)
    {
        int count = arguments.Count ?? 1;
        if (!string.IsNullOrEmpty(arguments.Name))
        {
            return count == 1
                ? ForkNames.Given(ContainerName.Parse(arguments.Name))
                : ForkNames.Given([.. Enumerable.Range(1, count).Select(n => ContainerName.Parse(Numbered(arguments.Name, n)))]);
        }

        // Found and held in one step: another fork that is under way takes others.
        lock (_forkNames)
        {
            HashSet<string> taken = [.. _engine.All().Where(r => r.Owner.Agent == caller.Agent.Id).Select(r => r.Name.Value), .. _forkNames.Where(f => f.Agent == caller.Agent.Id).Select(f => f.Name.Value)];
            int longest = LongestName - "-".Length - (taken.Count + count).ToString(CultureInfo.InvariantCulture).Length;
            string stem = source.Value[..Math.Min(source.Value.Length, longest)];
            return ForkNames.Hold(_forkNames, caller.Agent.Id, [.. Enumerable.Range(1, taken.Count + count).Select(n => Numbered(stem, n)).Where(n => !taken.Contains(n)).Take(count).Select(n => ContainerName.Parse(n))]);
        }
    }

    private static string Numbered(string name, int number) => string.Create(CultureInfo.InvariantCulture, $"{name}-{number}");

    /// <summary>What the source has, and its forks have not.</summary>
    private IEnumerable<string> NotCopied(ContainerRecord? source, bool networks)
    {
        if (source is null)
        {
            yield break;
        }

        if (!networks)
        {
            foreach ((ContainerNetwork network, _, _) in _engine.Wiring.MembershipsOf(source.Id))
            {
                yield return $"they are not in its network '{network.Name}' (connectToNetwork, or copyNetworks)";
            }
        }

        if (_engine.Wiring.EdgesOf(source.Id).Count is > 0 and int edges)
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"its connections, {edges} in number, are not theirs (establishConnection)");
        }

        if (_engine.Wiring.Ports.Count(p => p.Container == source.Id) is > 0 and int ports)
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"its published ports, {ports} in number, are not theirs (bindPort)");
        }
    }
}
