using System.ComponentModel;

namespace Quilt.Aria;

/// <summary>What an agent's sessions are given that name nothing else.</summary>
public sealed record SessionPolicy
{
    [Description("A session ends that long after it began.")]
    public TimeSpan? Ttl { get; init; }

    [Description("A session ends when nothing was called in it for that long.")]
    public TimeSpan? IdleTimeout { get; init; }

    [Description("How long a session waits whose client has vanished without ending it, before it is ended; 5 minutes where it is left out.")]
    public TimeSpan OrphanGrace { get; set; } = TimeSpan.FromMinutes(5);
}
