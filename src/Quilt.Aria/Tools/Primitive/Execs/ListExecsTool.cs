using Quilt.Engine;

namespace Quilt.Aria;

public sealed record ListExecsResult
{
    public required IReadOnlyList<ExecView> Execs { get; init; }
}

/// <summary>See <see cref="ContainerEngine.ListExecsAsync"/>.</summary>
public sealed class ListExecsTool(ContainerEngine engine) : Tool<ContainerArguments, ListExecsResult>
{
    public override ToolDefinition Definition { get; } = new("listExecs")
    {
        Title = "List background commands",
        Description = "A container's background commands, and the last that have ended, also when the container has; commands too whose output was too long for their answer.",
        Example = """{"container": "web"}""",
        Level = SecurityLevel.Safe,
        Idempotent = true,
    };

    protected override async Task<ListExecsResult> RunAsync(ContainerArguments arguments, ToolContext context, CancellationToken cancellation)
    {
        Core.ContainerId container = context.Caller.Container(arguments.Container, Access.Use).Id;
        return new ListExecsResult { Execs = [.. (await engine.ListExecsAsync(container, cancellation).ConfigureAwait(false)).Select(e => ExecView.Of(container, e))] };
    }
}
