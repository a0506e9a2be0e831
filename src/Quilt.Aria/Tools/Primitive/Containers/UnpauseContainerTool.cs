using Quilt.Engine;

namespace Quilt.Aria;

/// <summary>See <see cref="ContainerEngine.UnpauseAsync"/>.</summary>
public sealed class UnpauseContainerTool(ContainerEngine engine) : Tool<ContainerArguments, ContainerView>
{
    public override ToolDefinition Definition { get; } = new("unpauseContainer")
    {
        Title = "Unpause a container",
        Description = "Lets the processes of a paused container go on.",
        Example = """{"container": "web"}""",
        Idempotent = true,
    };

    protected override async Task<ContainerView> RunAsync(ContainerArguments arguments, ToolContext context, CancellationToken cancellation) =>
        ContainerView.Of(await engine.UnpauseAsync(context.Caller.Container(arguments.Container, Access.Manage).Id, cancellation).ConfigureAwait(false));
}
