using System.ComponentModel;
using System.Diagnostics;
using Quilt.Engine;

namespace Quilt.Aria;

public sealed record ContainerArguments
{
    [Description("Its name, id, or an unambiguous beginning of the id.")]
    public required string Container { get; init; }
}

public sealed record StartContainerResult
{
    public required string Id { get; init; }
    public required string State { get; init; }

    [Description("Of its first process, as the host sees it.")]
    public required int Pid { get; init; }
    public required DateTimeOffset StartedAt { get; init; }

    [Description("From the call to the moment at which its command had been executed.")]
    public required double DurationMs { get; init; }

    internal static StartContainerResult Of(ContainerRecord record, long began)
    {
        ContainerState.Running? running = record.State as ContainerState.Running;
        return new StartContainerResult
        {
            Id = record.Id.Value,
            State = record.State.Name,
            Pid = running?.Process.Pid ?? 0,
            StartedAt = running?.StartedAt ?? (record.State as ContainerState.Exited)?.StartedAt ?? DateTimeOffset.UtcNow,
            DurationMs = Math.Round(Stopwatch.GetElapsedTime(began).TotalMilliseconds, 3),
        };
    }
}

/// <summary>See <see cref="ContainerEngine.StartAsync"/>.</summary>
public sealed class StartContainerTool(ContainerEngine engine) : Tool<ContainerArguments, StartContainerResult>
{
    public override ToolDefinition Definition { get; } = new("startContainer")
    {
        Title = "Start a container",
        Description = "Runs the command of a container that is created or exited. When it answers, the command runs and execInContainer works. A command that cannot be executed is an error, and the container can be started again.",
        Example = """{"container": "web"}""",
    };

    protected override async Task<StartContainerResult> RunAsync(ContainerArguments arguments, ToolContext context, CancellationToken cancellation)
    {
        long began = Stopwatch.GetTimestamp();
        return StartContainerResult.Of(await engine.StartAsync(context.Caller.Container(arguments.Container, Access.Manage).Id, null, cancellation).ConfigureAwait(false), began);
    }
}
