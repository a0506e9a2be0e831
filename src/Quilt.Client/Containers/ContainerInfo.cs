using Wire = Quilt.Api.V1;

namespace Quilt.Client;

/// <summary>A container as it was when the daemon was asked.</summary>
public sealed record ContainerInfo
{
    public required string Id { get; init; }
    public required string Name { get; init; }
    public required ContainerState State { get; init; }

    /// <summary>Null while it does not run, and where it has no health check.</summary>
    public required ContainerHealth? Health { get; init; }
    public required string Image { get; init; }
    public required IReadOnlyList<string> Command { get; init; }
    public required IReadOnlyDictionary<string, string> Labels { get; init; }
    public required ContainerStrategy Strategy { get; init; }

    /// <summary>Of its first process, as the host counts; null where it does not run.</summary>
    public required int? ProcessId { get; init; }
    public required DateTimeOffset? CreatedAt { get; init; }
    public required DateTimeOffset? StartedAt { get; init; }
    public required DateTimeOffset? ExitedAt { get; init; }
    public required DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>128 + N where signal N ended it; null while it runs, or where nobody knows.</summary>
    public required int? ExitCode { get; init; }

    /// <summary>Null where it ended by itself.</summary>
    public required int? ExitSignal { get; init; }

    /// <summary>The kernel ended it for want of memory.</summary>
    public required bool OutOfMemory { get; init; }
    public required long MemoryBytes { get; init; }
    public required double Cpus { get; init; }

    /// <summary>-1 for no limit.</summary>
    public required long Pids { get; init; }

    internal static ContainerInfo Of(Wire.Container c) => new()
    {
        Id = c.Id,
        Name = c.Name,
        State = Enum.IsDefined((ContainerState)(int)c.State) ? (ContainerState)(int)c.State : ContainerState.Unknown,
        Health = Enum.TryParse(c.Health?.Status, ignoreCase: true, out ContainerHealth health) ? health : null,
        Image = c.Image,
        Command = [.. c.Command],
        Labels = new Dictionary<string, string>(c.Labels),
        Strategy = StrategyNames.Parse(c.Strategy),
        ProcessId = c.Pid == 0 ? null : c.Pid,
        CreatedAt = c.CreatedAt?.ToDateTimeOffset(),
        StartedAt = c.StartedAt?.ToDateTimeOffset(),
        ExitedAt = c.ExitedAt?.ToDateTimeOffset(),
        ExpiresAt = c.ExpiresAt?.ToDateTimeOffset(),
        ExitCode = c.HasExitCode ? c.ExitCode : null,
        ExitSignal = c.ExitSignal == 0 ? null : c.ExitSignal,
        OutOfMemory = c.OomKilled,
        MemoryBytes = c.Resources?.MemoryBytes ?? 0,
        Cpus = c.Resources?.Cpus ?? 0,
        Pids = c.Resources?.Pids ?? 0,
    };
}
