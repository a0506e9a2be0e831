using System.ComponentModel;
using Quilt.Core;
using Quilt.Engine;

namespace Quilt.Aria;

public sealed record ShareContainerArguments
{
    [Description("Its name, id, or an unambiguous beginning of the id.")]
    public required string Container { get; init; }

    [Description("An agent's id: it may look at the container and run commands in it, and neither change nor remove it.")]
    public string? Agent { get; init; }

    [Description("A task of yours, by id or name: the container of strategy task then lives until the last of its tasks has ended.")]
    public string? Task { get; init; }

    [Description("Take the share back instead.")]
    [DefaultValue(false)]
    public bool Revoke { get; init; }
}

public sealed record ShareContainerResult
{
    public required ContainerView Container { get; init; }

    [Description("Ids of agents that may use it.")]
    public required IReadOnlyList<string> SharedWith { get; init; }
}

/// <summary>See <see cref="ContainerOwner"/>.</summary>
public sealed class ShareContainerTool(ContainerEngine engine, LifespanRegistry lifespans) : Tool<ShareContainerArguments, ShareContainerResult>
{
    private const int MostGuests = 100;

    public override ToolDefinition Definition { get; } = new("shareContainer")
    {
        Title = "Share a container",
        Description = "Lets another agent use a container of yours, or lets another task of yours keep it alive.",
        Example = """{"container": "db", "agent": "0123456789abcdef"}""",
        Idempotent = true,
    };

    protected override async Task<ShareContainerResult> RunAsync(ShareContainerArguments arguments, ToolContext context, CancellationToken cancellation)
    {
        ContainerId id = context.Caller.Container(arguments.Container, Access.Manage).Id;
        ContainerRecord shared = (string.IsNullOrEmpty(arguments.Agent), string.IsNullOrEmpty(arguments.Task)) switch
        {
            (false, true) => await WithAgentAsync(id, arguments, cancellation).ConfigureAwait(false),
            (true, false) => await WithTaskAsync(id, arguments, context.Caller, cancellation).ConfigureAwait(false),
            _ => throw QuiltException.Invalid("agent", "it is not said with whom to share", "give an agent or a task, one of them"),
        };
        return new ShareContainerResult { Container = ContainerView.Of(shared), SharedWith = shared.Owner.SharedWith };
    }

    /// <summary>Whether there is such an agent is nobody's to find out: an id that is nobody's is shared with nobody.</summary>
    private async Task<ContainerRecord> WithAgentAsync(ContainerId id, ShareContainerArguments arguments, CancellationToken cancellation)
    {
        string agent = arguments.Agent!;
        if (agent.Length != 16 || agent.AsSpan().IndexOfAnyExcept("0123456789abcdef") >= 0)
        {
            throw QuiltException.Invalid("agent", $"'{agent}' is no id of an agent", "give its 16 hexadecimal digits, which it sees itself with getAgent");
        }

        ContainerRecord shared = await engine.ChangeOwnerAsync(
            id, r => With(r, r.Owner with { SharedWith = Guests(r.Owner.SharedWith, agent, arguments.Revoke) }), cancellation).ConfigureAwait(false);

        // What it has connected to it on the strength of that ends with that.
        foreach (Network.Edge edge in arguments.Revoke ? engine.Wiring.EdgesOf(id).Where(e => e.ToContainer == id && e.Owner == agent) : [])
        {
            engine.SeverConnection(edge.Id);
        }

        return shared;
    }

    private async Task<ContainerRecord> WithTaskAsync(ContainerId id, ShareContainerArguments arguments, Caller caller, CancellationToken cancellation)
    {
        Lifespan task = lifespans.Find(arguments.Task!, LifespanKind.Task, caller.Agent.Id, l => caller.Has(l.Agent));
        using IDisposable inside = arguments.Revoke ? lifespans.EnterAll([]) : lifespans.EnterAll([task.Id]);
        return await engine.ChangeOwnerAsync(
            id,
            r => r.Spec.Strategy != ContainerStrategy.Task || r.Owner.Agent != task.Agent
                ? throw new QuiltException(ErrorCode.FailedPrecondition, $"'{r.Name}' is no container of strategy task of the same agent", "adopt it into the task (adoptContainer)", "container")
                : arguments.Revoke && r.Owner.Tasks is [var only] && only == task.Id
                    ? throw new QuiltException(ErrorCode.FailedPrecondition, $"'{r.Name}' has no other task", "adopt it elsewhere, or remove it", "task")
                    : With(r, r.Owner with { Tasks = Changed(r.Owner.Tasks, task.Id, arguments.Revoke) }),
            cancellation).ConfigureAwait(false);
    }

    private static IReadOnlyList<string> Guests(IReadOnlyList<string> guests, string agent, bool without) => Changed(guests, agent, without) is var changed && (without || changed.Count <= MostGuests) ? changed
        : throw new QuiltException(ErrorCode.ResourceExhausted, $"the container is shared with {MostGuests} agents", "take a share back from one that no longer uses it (revoke)", "agent");

    private static NewOwner With(ContainerRecord record, ContainerOwner owner) => new(owner, record.Spec.Strategy, record.Group);

    private static IReadOnlyList<string> Changed(IReadOnlyList<string> list, string item, bool without) => without ? [.. list.Where(i => i != item)] : [.. list.Append(item).Distinct()];
}
