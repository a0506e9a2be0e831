using Quilt.Engine;

namespace Quilt.Aria;

public sealed record ListSessionsResult
{
    public required IReadOnlyList<LifespanView> Sessions { get; init; }
}

/// <summary>See <see cref="LifespanRegistry"/>.</summary>
public sealed class ListSessionsTool(ContainerEngine engine, LifespanRegistry lifespans) : Tool<NoArguments, ListSessionsResult>
{
    public override ToolDefinition Definition { get; } = new("listSessions")
    {
        Title = "List sessions",
        Description = "Your sessions and those of agents below you that have not ended, oldest first; also those whose client has vanished, with the time at which they end.",
        Level = SecurityLevel.Safe,
        Idempotent = true,
    };

    protected override Task<ListSessionsResult> RunAsync(NoArguments arguments, ToolContext context, CancellationToken cancellation) => Task.FromResult(new ListSessionsResult
    {
        Sessions = [.. lifespans.All()
            .Where(l => l.Kind == LifespanKind.Session && l.State != LifespanState.Ended && context.Caller.Has(l.Agent))
            .OrderBy(l => l.CreatedAt).Select(l => LifespanView.Of(l, engine))],
    });
}
