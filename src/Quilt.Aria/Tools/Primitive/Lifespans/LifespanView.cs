using System.ComponentModel;
using Quilt.Engine;

namespace Quilt.Aria;

/// <summary>A session or task as lists show it.</summary>
public sealed record LifespanView
{
    public required string Id { get; init; }
    public string? Name { get; init; }

    [Description("Its agent's id.")]
    public required string Agent { get; init; }

    [Description("A task's session; left out where it is the agent's standing one.")]
    public string? Session { get; init; }

    [Description("active; orphaned: its client has vanished; ending; ended.")]
    public required LifespanState State { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }
    public DateTimeOffset? ExpiresAt { get; init; }
    public TimeSpan? IdleTimeout { get; init; }
    public TimeSpan? OrphanGrace { get; init; }

    [Description("call: it was begun by a call; connection: it is a connection's.")]
    public required string Origin { get; init; }

    [Description("When it ends by what was declared, as things stand.")]
    public DateTimeOffset? EndsAt { get; init; }

    [Description("How many containers live as long.")]
    public required int Containers { get; init; }

    internal static LifespanView Of(Lifespan lifespan, ContainerEngine engine) => new()
    {
        Id = lifespan.Id,
        Name = lifespan.Name.Length > 0 ? lifespan.Name : null,
        Agent = lifespan.Agent,
        Session = lifespan.Session.Length > 0 ? lifespan.Session : null,
        State = lifespan.State,
        CreatedAt = lifespan.CreatedAt,
        ExpiresAt = lifespan.ExpiresAt,
        IdleTimeout = lifespan.IdleTimeout,
        OrphanGrace = lifespan.OfConnection ? lifespan.OrphanGrace : null,
        Origin = lifespan.OfConnection ? "connection" : "call",
        EndsAt = lifespan.IsOpen ? lifespan.Deadline : null,
        Containers = engine.All().Count(r => Cleanup.EndsWith(r, [lifespan.Id])),
    };
}
