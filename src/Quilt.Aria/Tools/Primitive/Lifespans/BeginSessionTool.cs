using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Quilt.Core;
using Quilt.Engine;

namespace Quilt.Aria;

public sealed record BeginSessionArguments
{
    [Description("Your name for it.")]
    [StringLength(63)]
    public string? Name { get; init; }

    [Description("It ends that long after it began.")]
    public TimeSpan? Ttl { get; init; }

    [Description("It ends when nothing was called in it for that long.")]
    public TimeSpan? IdleTimeout { get; init; }

    [Description("Where it belongs to a connection: how long it waits when that is lost.")]
    public TimeSpan? OrphanGrace { get; init; }
}

public sealed record SessionResult
{
    public required LifespanView Session { get; init; }
}

/// <summary>See <see cref="LifespanRegistry.Begin"/>.</summary>
public sealed class BeginSessionTool(ContainerEngine engine, LifespanRegistry lifespans) : Tool<BeginSessionArguments, SessionResult>
{
    public override ToolDefinition Definition { get; } = new("beginSession")
    {
        Title = "Begin a session",
        Description = "Begins a session of your own. Calls that name it (the header quilt-session) are in it, and containers of strategy session that they create are stopped and removed when it ends: by endSession, or by its times.",
        Example = """{"name": "review", "idleTimeout": "30m"}""",
    };

    protected override Task<SessionResult> RunAsync(BeginSessionArguments arguments, ToolContext context, CancellationToken cancellation)
    {
        Lifespan session = lifespans.Begin(New(context.Caller.Agent, arguments, ofConnection: false));
        return Task.FromResult(new SessionResult { Session = LifespanView.Of(session, engine) });
    }

    /// <summary>What is not given is the agent's policy.</summary>
    internal static Lifespan New(Agent agent, BeginSessionArguments asked, bool ofConnection)
    {
        DateTimeOffset now = DateTimeOffset.UtcNow;
        SessionPolicy policy = agent.Config.Session;
        return new Lifespan
        {
            Id = "",
            Kind = LifespanKind.Session,
            Name = Name(asked.Name),
            Agent = agent.Id,
            CreatedAt = now,
            UsedAt = now,
            ExpiresAt = now + Time("ttl", asked.Ttl ?? policy.Ttl),
            IdleTimeout = Time("idleTimeout", asked.IdleTimeout ?? policy.IdleTimeout),
            OrphanGrace = asked.OrphanGrace ?? policy.OrphanGrace,
            OfConnection = ofConnection,
        };
    }

    internal static string Name(string? name) => string.IsNullOrEmpty(name) ? "" : ContainerName.Parse(name).Value;

    internal static TimeSpan? Time(string field, TimeSpan? time) => time <= TimeSpan.Zero
        ? throw QuiltException.Invalid(field, $"{field} {time.Value.TotalSeconds:0.###} s is not in the future", "give more than 0 s, or leave it out")
        : time;
}
