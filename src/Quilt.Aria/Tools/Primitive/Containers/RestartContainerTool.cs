using System.ComponentModel;
using System.Diagnostics;
using Quilt.Engine;

namespace Quilt.Aria;

public sealed record RestartContainerArguments
{
    [Description("Its name, id, or an unambiguous beginning of the id.")]
    public required string Container { get; init; }

    [Description("It is killed after that long; 0 kills at once. Left out: its own stopTimeout.")]
    public TimeSpan? Timeout { get; init; }
}

/// <summary>See <see cref="ContainerEngine.RestartAsync"/>.</summary>
public sealed class RestartContainerTool(ContainerEngine engine) : Tool<RestartContainerArguments, StartContainerResult>
{
    public override ToolDefinition Definition { get; } = new("restartContainer")
    {
        Title = "Restart a container",
        Description = "Stops a container as stopContainer does where it runs, and starts it again over the same files.",
        Example = """{"container": "web"}""",
    };

    protected override async Task<StartContainerResult> RunAsync(RestartContainerArguments arguments, ToolContext context, CancellationToken cancellation)
    {
        long began = Stopwatch.GetTimestamp();
        return StartContainerResult.Of(await engine.RestartAsync(context.Caller.Container(arguments.Container, Access.Manage).Id, arguments.Timeout, cancellation).ConfigureAwait(false), began);
    }
}
