namespace Quilt.Client;

/// <summary>How the forks of a container are to be. What is not set is the daemon's default.</summary>
public sealed record ForkOptions
{
    /// <summary>They are named NAME-1, NAME-2 and so on, a single one NAME; null: the source's name and numbers that are free.</summary>
    public string? Name { get; init; }

    /// <summary>All are made, or none.</summary>
    public int Count { get; init; } = 1;

    /// <summary>Null: as the source is.</summary>
    public bool? Start { get; init; }

    /// <summary>Have them in the source's networks.</summary>
    public bool CopyNetworks { get; init; }

    public ContainerStrategy Strategy { get; init; }

    /// <summary>Of strategy <see cref="ContainerStrategy.Task"/>: the task's id or name.</summary>
    public string? Task { get; init; }

    /// <summary>Removed by force when it runs out.</summary>
    public TimeSpan? TimeToLive { get; init; }

    /// <inheritdoc cref="ContainerOptions.RemoveOnDispose"/>
    public bool RemoveOnDispose { get; init; } = true;
}
