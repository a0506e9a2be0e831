using Quilt.Engine;

namespace Quilt.Aria;

/// <summary>See <see cref="ContainerEngine.PauseAsync"/>.</summary>
public sealed class PauseContainerTool(ContainerEngine engine) : Tool<ContainerArguments, ContainerView>
{
    public override ToolDefinition Definition { get; } = new("pauseContainer")
    {
        Title = "Pause a container",
        Description = "Stops every process of a running container where it is, until unpauseContainer. Memory stays in use; time limits of its own go on.",
        Example = """{"container": "web"}""",
        Idempotent = true,
    };

    protected override async Task<ContainerView> RunAsync(ContainerArguments arguments, ToolContext context, CancellationToken cancellation) =>
        ContainerView.Of(await engine.PauseAsync(context.Caller.Container(arguments.Container, Access.Manage).Id, cancellation).ConfigureAwait(false));
}
