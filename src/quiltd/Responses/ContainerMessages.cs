using Google.Protobuf.WellKnownTypes;
using Quilt.Api.V1;
using Quilt.Engine;
using State = Quilt.Engine.ContainerState;
using StateName = Quilt.Api.V1.ContainerState;

namespace Quilt.Daemon;

/// <summary>Containers as the API shows them.</summary>
internal static class ContainerMessages
{
    internal static Container ToMessage(this ContainerRecord record)
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
            Resources = new Resources { MemoryBytes = spec.Limits.MemoryBytes, Cpus = spec.Limits.Cpus, Pids = spec.Limits.Pids },
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
            Ulimits = { spec.Ulimits.Select(u => new Api.V1.Ulimit { Name = u.Name["RLIMIT_".Length..].ToLowerInvariant(), Soft = u.Soft, Hard = u.Hard }) },
        };
        SetState(message, record.State);
        return message;
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
