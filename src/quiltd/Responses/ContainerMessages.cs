using Google.Protobuf.WellKnownTypes;
using Quilt.Api.V1;
using Quilt.Aria;
using Quilt.Engine;
using State = Quilt.Engine.ContainerState;
using StateName = Quilt.Api.V1.ContainerState;

namespace Quilt.Daemon;

/// <summary>Containers as the API shows them.</summary>
internal static class ContainerMessages
{
    /// <summary>For who may use it alone the values of its environment are empty: only whose it is has given them.</summary>
    internal static Container ToMessage(this ContainerRecord record, Caller caller, bool whole = false)
    {
        Container message = record.ToMessage(whole);
        if (!caller.Has(record))
        {
            foreach (string name in message.Env.Keys.ToArray())
            {
                message.Env[name] = "";
            }
        }

        return message;
    }

    /// <param name="whole">With its last probes, which are too much for a list.</param>
    internal static Container ToMessage(this ContainerRecord record, bool whole = false)
    {
        Engine.ContainerSpec spec = record.Spec;
        Container message = new()
        {
            Id = record.Id.Value,
            Name = record.Name.Value,
            State = StateOf(record.State),
            Image = spec.Image.ToString(),
            ImageDigest = record.ImageDigest.ToString(),
            Command = { record.Command },
            Labels = { spec.Labels.ToDictionary() },
            Strategy = Name(spec.Strategy),
            CreatedAt = record.CreatedAt.ToTimestamp(),
            Resources = spec.Limits.ToMessage(),
            Hostname = spec.Hostname ?? record.Id.Short,
            WorkingDir = record.WorkingDirectory,
            User = spec.User,
            Capabilities = { spec.Capabilities },
            ReadOnlyRootfs = spec.ReadOnlyRootfs,
            Tty = spec.Terminal,
            StdinOpen = spec.StdinOpen,
            AutoRemove = spec.AutoRemove,
            Init = spec.Init,
            StopSignal = Linux.Signals.NameOf(record.StopSignal),
            StopTimeout = spec.StopTimeout.ToDuration(),
            ExpiresAt = record.ExpiresAt?.ToTimestamp(),
            HostIdBase = record.HostIdBase,
            RestartCount = record.RestartCount,
            Env = { record.Environment.ToDictionary() },
            Volumes = { record.Volumes },
            Tmpfs = { spec.Tmpfs.Select(t => new Tmpfs { Path = t.Path, SizeBytes = t.SizeBytes }) },
            Mounts =
            {
                record.VolumeMounts.Select(m => new Mount { Type = "volume", Path = m.Path, Volume = m.Volume, ReadOnly = m.ReadOnly }),
                spec.HostMounts.Select(m => new Mount { Type = "bind", Path = m.Path, ReadOnly = m.ReadOnly }),
                spec.Secrets.Select(s => new Mount { Type = "secret", Path = $"{SecretFiles.Folder}/{s}", ReadOnly = true }),
            },
            ExposedPorts = { record.ExposedPorts },
            Snapshot = record.Snapshot ?? "",
            Ulimits = { spec.Ulimits.Select(u => new Api.V1.Ulimit { Name = u.Name["RLIMIT_".Length..].ToLowerInvariant(), Soft = u.Soft, Hard = u.Hard }) },
        };
        SetState(message, record.State);
        SetHealth(message, record, whole);
        return message;
    }

    /// <summary>Says what its volumes are called.</summary>
    internal static Container WithNames(this Container message, ContainerEngine engine)
    {
        foreach (Mount mount in message.Mounts.Where(m => m.Volume.Length > 0))
        {
            mount.VolumeName = engine.TryGetVolume(mount.Volume)?.Name ?? "";
        }

        return message;
    }

    private static void SetHealth(Container message, ContainerRecord record, bool whole)
    {
        if (record.HealthCheck is { } check)
        {
            message.HealthCheck = new Api.V1.HealthCheck
            {
                Test = { (string[])[HealthCheckSettings.Exec, .. check.Command] },
                Interval = check.Interval.ToDuration(),
                Timeout = check.Timeout.ToDuration(),
                StartPeriod = check.StartPeriod.ToDuration(),
                StartInterval = check.StartInterval.ToDuration(),
                Retries = check.Retries,
            };
        }

        if (record.State is State.Running { Health: { } health })
        {
            message.Health = new Api.V1.Health { Status = health.Name, FailingStreak = health.FailingStreak };
            message.Health.Probes.AddRange((whole ? health.Probes : []).Select(p => new Api.V1.HealthProbe
            {
                StartedAt = p.StartedAt.ToTimestamp(), EndedAt = p.EndedAt.ToTimestamp(), ExitCode = p.ExitCode, TimedOut = p.TimedOut, Output = p.Output,
            }));
        }
    }

    internal static StateName StateOf(State state) => state switch
    {
        State.Creating => StateName.Creating,
        State.Created => StateName.Created,
        State.Running { Paused: true } => StateName.Paused,
        State.Running { Stopping: true } => StateName.Stopping,
        State.Running => StateName.Running,
        State.Exited => StateName.Exited,
        _ => StateName.Removing,
    };

    private static string Name(ContainerStrategy strategy) => strategy switch
    {
        ContainerStrategy.Ephemeral => "ephemeral",
        ContainerStrategy.Task => "task",
        ContainerStrategy.Session => "session",
        _ => "service",
    };

    private static void SetState(Container message, State state)
    {
        switch (state)
        {
            case State.Running running:
                message.Pid = running.Process.Pid;
                message.StartedAt = running.StartedAt.ToTimestamp();
                break;
            case State.Exited exited:
                message.StartedAt = exited.StartedAt?.ToTimestamp();
                SetExit(message, exited.Exit);
                break;
            case State.Removing { Exit: { } exit }:
                SetExit(message, exit);
                break;
        }
    }

    private static void SetExit(Container message, ContainerExit exit)
    {
        message.ExitedAt = exit.At.ToTimestamp();
        message.ExitCode = exit.ExitCode;
        message.ExitSignal = exit.Signal;
        message.OomKilled = exit.OomKilled;
        message.ExitReason = exit.Reason;
    }
}
