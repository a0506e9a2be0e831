using System.ComponentModel;
using Quilt.Engine;

namespace Quilt.Aria;

public sealed record ListTasksArguments
{
    [Description("Of this session alone, by its id.")]
    public string? Session { get; init; }
}

public sealed record ListTasksResult
{
    public required IReadOnlyList<LifespanView> Tasks { get; init; }
}

/// <summary>See <see cref="LifespanRegistry"/>.</summary>
public sealed class ListTasksTool(ContainerEngine engine, LifespanRegistry lifespans) : Tool<ListTasksArguments, ListTasksResult>
{
    public override ToolDefinition Definition { get; } = new("listTasks")
    {
        Title = "List tasks",
        Description = "Your tasks and those of agents below you that have not ended, oldest first.",
        Level = SecurityLevel.Safe,
        Idempotent = true,
    };

    protected override Task<ListTasksResult> RunAsync(ListTasksArguments arguments, ToolContext context, CancellationToken cancellation) => Task.FromResult(new ListTasksResult
    {
        Tasks = [.. lifespans.All()
            .Where(l => l.Kind == LifespanKind.Task && l.State != LifespanState.Ended && context.Caller.Has(l.Agent) && (arguments.Session is null || l.Session == arguments.Session))
            .OrderBy(l => l.CreatedAt).Select(l => LifespanView.Of(l, engine))],
    });
}
