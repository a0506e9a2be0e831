using System.ComponentModel;
using Quilt.Engine;

namespace Quilt.Aria;

public sealed record EndTaskArguments
{
    [Description("Its id or name.")]
    public required string Task { get; init; }
}

public sealed record EndTaskResult
{
    public required LifespanView Task { get; init; }
    public required CleanupReport Report { get; init; }
}

/// <summary>See <see cref="LifespanRegistry.EndAsync"/>.</summary>
public sealed class EndTaskTool(ContainerEngine engine, LifespanRegistry lifespans) : Tool<EndTaskArguments, EndTaskResult>
{
    public override ToolDefinition Definition { get; } = new("endTask")
    {
        Title = "End a task",
        Description = "Ends a task: its containers are stopped in their stopOrder, each with its stop signal and time, and removed, but for those that another task has too. Asked again, it tells the same report.",
        Example = """{"task": "integration-test"}""",
        Destructive = true,
        Idempotent = true,
    };

    protected override async Task<EndTaskResult> RunAsync(EndTaskArguments arguments, ToolContext context, CancellationToken cancellation)
    {
        Lifespan asked = lifespans.Find(arguments.Task, LifespanKind.Task, context.Caller.Agent.Id, l => context.Caller.Has(l.Agent));
        Lifespan ended = await lifespans.EndAsync(asked.Id, cancellation).ConfigureAwait(false);
        return new EndTaskResult { Task = LifespanView.Of(ended, engine), Report = ended.Report! };
    }
}
