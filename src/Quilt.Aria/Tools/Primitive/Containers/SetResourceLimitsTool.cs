using System.ComponentModel;
using Quilt.Core;
using Quilt.Engine;

namespace Quilt.Aria;

public sealed record SetResourceLimitsArguments : LimitArguments
{
    [Description("Id, beginning of an id, or name.")]
    public required string Container { get; init; }

    [Description("The size of its disk, which can only grow, of a container that was made with one. In a call of its own, for it cannot be taken back.")]
    public ByteSize? Disk { get; init; }
}

public sealed record SetResourceLimitsResult
{
    public required LimitsView Before { get; init; }
    public required LimitsView After { get; init; }

    [Description("It runs, and they are in force there; else they are from its next start on.")]
    public required bool InForce { get; init; }
}

/// <summary>See <see cref="ContainerEngine.SetLimitsAsync"/>.</summary>
public sealed class SetResourceLimitsTool(Workloads workloads) : Tool<SetResourceLimitsArguments, SetResourceLimitsResult>
{
    public override ToolDefinition Definition { get; } = new("setResourceLimits")
    {
        Title = "Set a container's resource limits",
        Description = "Changes what a container may use, while it runs: all that you give at once, or nothing of it. What you leave out stays as it is, 0 is as usual. A limit below what it uses now is refused, with the figure. It keeps them when it is started again, and your own limits bound them.",
        Example = """{"container": "web", "memory": "512MiB", "cpus": 0.5, "pids": 200}""",
        Idempotent = true,
    };

    protected override async Task<SetResourceLimitsResult> RunAsync(SetResourceLimitsArguments arguments, ToolContext context, CancellationToken cancellation)
    {
        (ContainerRecord before, ContainerRecord after) = await workloads.SetLimitsAsync(context.Caller, arguments, cancellation).ConfigureAwait(false);
        return new SetResourceLimitsResult { Before = LimitsView.Of(before.Spec), After = LimitsView.Of(after.Spec), InForce = after.IsRunning };
    }
}
