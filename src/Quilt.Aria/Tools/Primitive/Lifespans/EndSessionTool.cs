using System.ComponentModel;
using Quilt.Core;
using Quilt.Engine;

namespace Quilt.Aria;

public sealed record EndSessionArguments
{
    [Description("Its id or name. Left out: the one that this call is in.")]
    public string? Session { get; init; }
}

public sealed record EndSessionResult
{
    public required LifespanView Session { get; init; }
    public required CleanupReport Report { get; init; }
}

/// <summary>See <see cref="LifespanRegistry.EndAsync"/>.</summary>
public sealed class EndSessionTool(ContainerEngine engine, LifespanRegistry lifespans) : Tool<EndSessionArguments, EndSessionResult>
{
    public override ToolDefinition Definition { get; } = new("endSession")
    {
        Title = "End a session",
        Description = "Ends a session with its tasks: their containers are stopped in their stopOrder, each with its stop signal and time, and removed. Containers of strategy service stay. Asked again, it tells the same report.",
        Example = """{"session": "review"}""",
        Destructive = true,
        Idempotent = true,
    };

    protected override async Task<EndSessionResult> RunAsync(EndSessionArguments arguments, ToolContext context, CancellationToken cancellation)
    {
        Lifespan asked = string.IsNullOrEmpty(arguments.Session)
            ? context.Caller.Session ?? throw QuiltException.Invalid("session", "this call is in no session, and none is named", "name one; what is in no session is removed with removeContainer")
            : lifespans.Find(arguments.Session, LifespanKind.Session, context.Caller.Agent.Id, l => context.Caller.Has(l.Agent));
        Lifespan ended = await lifespans.EndAsync(asked.Id, cancellation).ConfigureAwait(false);
        return new EndSessionResult { Session = LifespanView.Of(ended, engine), Report = ended.Report! };
    }
}
