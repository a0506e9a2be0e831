namespace Quilt.Aria;

public enum LifespanKind
{
    /// <summary>An agent's stay: a connection's, or one that it began itself.</summary>
    Session,

    /// <summary>A piece of work within a session.</summary>
    Task,
}

public enum LifespanState
{
    Active,

    /// <summary>Its client has vanished without ending it; it is ended after its grace, or goes on when it is used again.</summary>
    Orphaned,

    /// <summary>Written before the first container goes: a crash's rest is done at the next start.</summary>
    Ending,
    Ended,
}

/// <summary>A session or a task: what containers live as long as. Never changed: a change makes a new one.</summary>
public sealed record Lifespan
{
    public required string Id { get; init; }
    public required LifespanKind Kind { get; init; }
    public string Name { get; init; } = "";

    /// <summary>Its agent's id.</summary>
    public required string Agent { get; init; }

    /// <summary>A task's session; empty: the agent's standing one.</summary>
    public string Session { get; init; } = "";
    public required DateTimeOffset CreatedAt { get; init; }
    public DateTimeOffset? ExpiresAt { get; init; }
    public TimeSpan? IdleTimeout { get; init; }
    public TimeSpan OrphanGrace { get; init; }

    /// <summary>It is a connection's, and an orphan when that is lost.</summary>
    public bool OfConnection { get; init; }
    public LifespanState State { get; init; }
    public DateTimeOffset? OrphanedAt { get; init; }

    /// <summary>When something was last called in it; told at a tenth of its idle timeout.</summary>
    public required DateTimeOffset UsedAt { get; init; }
    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>What its end took away.</summary>
    public CleanupReport? Report { get; init; }

    internal bool IsOpen => State is LifespanState.Active or LifespanState.Orphaned;

    /// <summary>When it ends by what was declared, as things stand; null is never.</summary>
    internal DateTimeOffset? Deadline
    {
        get
        {
            DateTimeOffset?[] all = [ExpiresAt, UsedAt + IdleTimeout, OrphanedAt + OrphanGrace];
            return all.Min();
        }
    }

    internal string Noun => Kind == LifespanKind.Session ? "session" : "task";
}
