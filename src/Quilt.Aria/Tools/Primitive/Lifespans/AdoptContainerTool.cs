using System.ComponentModel;
using Quilt.Core;
using Quilt.Engine;

namespace Quilt.Aria;

public sealed record AdoptContainerArguments
{
    [Description("One of yours, or of an agent below you: name, id, or an unambiguous beginning of the id.")]
    public required string Container { get; init; }

    [Description("What it is to live as long as from now on. Left out: task where a task is given, session otherwise.")]
    public ContainerStrategy? Strategy { get; init; }

    [Description("A session of yours, by id or name. Left out: the one that this call is in.")]
    public string? Session { get; init; }

    [Description("For strategy task: a task of yours, by id or name.")]
    public string? Task { get; init; }
}

/// <summary>Takes a container over, into another session or task, or from an agent below.</summary>
public sealed class AdoptContainerTool(ContainerEngine engine, LifespanRegistry lifespans, Quotas quotas) : Tool<AdoptContainerArguments, ContainerView>
{
    public override ToolDefinition Definition { get; } = new("adoptContainer")
    {
        Title = "Adopt a container",
        Description = "Makes a container live as long as something else: another session or task of yours, or with strategy service until it is removed. Also takes one over from an agent below you (it must not run then), or from a session whose client has vanished.",
        Example = """{"container": "db", "strategy": "service"}""",
        Idempotent = true,
    };

    protected override async Task<ContainerView> RunAsync(AdoptContainerArguments arguments, ToolContext context, CancellationToken cancellation)
    {
        Caller caller = context.Caller;
        ContainerRecord record = caller.Container(arguments.Container, Access.Manage);
        ContainerStrategy strategy = arguments.Strategy ?? (string.IsNullOrEmpty(arguments.Task) ? ContainerStrategy.Session : ContainerStrategy.Task);
        Lifespan? task = TaskOf(arguments, strategy, caller);
        Lifespan? session = string.IsNullOrEmpty(arguments.Session) ? caller.Session : lifespans.Find(arguments.Session, LifespanKind.Session, caller.Agent.Id, l => l.Agent == caller.Agent.Id);
        string within = task?.Session ?? session?.Id ?? "";
        using IDisposable inside = lifespans.EnterAll([.. task is null ? [] : (string[])[task.Id], .. within.Length > 0 ? (string[])[within] : []]);
        using IDisposable? place = record.Owner.Agent == caller.Agent.Id ? null : quotas.Reserve(caller.Agent, record.Id, record.Spec.Limits);
        return ContainerView.Of(await engine.ChangeOwnerAsync(
            record.Id,
            r => new NewOwner(r.Owner with { Agent = caller.Agent.Id, Session = within, Tasks = task is null ? [] : [task.Id] }, strategy, caller.Agent.Group),
            cancellation).ConfigureAwait(false));
    }

    private Lifespan? TaskOf(AdoptContainerArguments arguments, ContainerStrategy strategy, Caller caller)
    {
        bool given = !string.IsNullOrEmpty(arguments.Task);
        return given == (strategy == ContainerStrategy.Task)
            ? given ? lifespans.Find(arguments.Task!, LifespanKind.Task, caller.Agent.Id, l => l.Agent == caller.Agent.Id) : null
            : throw QuiltException.Invalid("task", given ? "a task is given, and the strategy is another" : "the strategy is task, and no task is given", given ? "give strategy task, or leave the task out" : "give the task");
    }
}
