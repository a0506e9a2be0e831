namespace Quilt.Client;

/// <summary>What a session is to be. What is not set is the agent's or the daemon's default.</summary>
public sealed record SessionOptions
{
    public string? Name { get; init; }

    /// <summary>It ends after this time.</summary>
    public TimeSpan? TimeToLive { get; init; }

    /// <summary>It ends when nothing was asked in it for so long.</summary>
    public TimeSpan? IdleTimeout { get; init; }

    /// <summary>How long its containers live on when who made it has gone.</summary>
    public TimeSpan? OrphanGrace { get; init; }
}
