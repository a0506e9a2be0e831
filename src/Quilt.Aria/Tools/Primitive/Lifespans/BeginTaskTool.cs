using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Quilt.Engine;

namespace Quilt.Aria;

public sealed record BeginTaskArguments
{
    [Description("Your name for it: 1 to 63 letters, digits, '.', '_' or '-'.")]
    [StringLength(63, MinimumLength = 1)]
    public required string Name { get; init; }

    [Description("It ends that long after it began.")]
    public TimeSpan? Ttl { get; init; }

    [Description("The session with which it ends at the latest: id or name. Left out: the one that this call is in.")]
    public string? Session { get; init; }
}

public sealed record TaskResult
{
    public required LifespanView Task { get; init; }
}

/// <summary>See <see cref="LifespanRegistry.Begin"/>.</summary>
public sealed class BeginTaskTool(ContainerEngine engine, LifespanRegistry lifespans) : Tool<BeginTaskArguments, TaskResult>
{
    public override ToolDefinition Definition { get; } = new("beginTask")
    {
        Title = "Begin a task",
        Description = "Begins a piece of work. Containers created with strategy task and its id are stopped and removed together when it ends: by endTask, by its ttl, or with its session.",
        Example = """{"name": "integration-test", "ttl": "20m"}""",
    };

    protected override Task<TaskResult> RunAsync(BeginTaskArguments arguments, ToolContext context, CancellationToken cancellation)
    {
        DateTimeOffset now = DateTimeOffset.UtcNow;
        string agent = context.Caller.Agent.Id;
        Lifespan? session = string.IsNullOrEmpty(arguments.Session) ? context.Caller.Session : lifespans.Find(arguments.Session, LifespanKind.Session, agent, l => l.Agent == agent);
        Lifespan task = lifespans.Begin(new Lifespan
        {
            Id = "",
            Kind = LifespanKind.Task,
            Name = BeginSessionTool.Name(arguments.Name),
            Agent = agent,
            Session = session?.Id ?? "",
            CreatedAt = now,
            UsedAt = now,
            ExpiresAt = now + BeginSessionTool.Time("ttl", arguments.Ttl),
        });
        return Task.FromResult(new TaskResult { Task = LifespanView.Of(task, engine) });
    }
}
