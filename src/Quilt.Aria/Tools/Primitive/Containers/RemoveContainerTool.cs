using System.ComponentModel;
using Quilt.Engine;

namespace Quilt.Aria;

public sealed record RemoveContainerArguments
{
    [Description("Its name, id, or an unambiguous beginning of the id.")]
    public required string Container { get; init; }

    [Description("Also where it runs: it is killed.")]
    [DefaultValue(false)]
    public bool Force { get; init; }
}

public sealed record RemoveContainerResult
{
    [Description("Ids of what was removed.")]
    public required IReadOnlyList<string> Removed { get; init; }
}

/// <summary>See <see cref="ContainerEngine.RemoveAsync"/>.</summary>
public sealed class RemoveContainerTool(ContainerEngine engine) : Tool<RemoveContainerArguments, RemoveContainerResult>
{
    public override ToolDefinition Definition { get; } = new("removeContainer")
    {
        Title = "Remove a container",
        Description = "Takes a container away for good, with its files and log, and frees what it counted against your limits. One that runs is only removed with force.",
        Example = """{"container": "web", "force": true}""",
        Destructive = true,
    };

    protected override async Task<RemoveContainerResult> RunAsync(RemoveContainerArguments arguments, ToolContext context, CancellationToken cancellation) => new()
    {
        Removed = [(await engine.RemoveAsync(context.Caller.Container(arguments.Container, Access.Manage).Id, arguments.Force, cancellation).ConfigureAwait(false)).Value],
    };
}
