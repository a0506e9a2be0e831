using System.ComponentModel;
using Quilt.Engine;

namespace Quilt.Aria;

public sealed record StopContainerArguments
{
    [Description("Its name, id, or an unambiguous beginning of the id.")]
    public required string Container { get; init; }

    [Description("Instead of its own stop signal, such as INT.")]
    public string? Signal { get; init; }

    [Description("It is killed after that long; 0 kills at once. Left out: its own stopTimeout.")]
    public TimeSpan? Timeout { get; init; }
}

public sealed record StopContainerResult
{
    public required string Id { get; init; }
    public required string State { get; init; }

    [Description("128 + signal where a signal ended it.")]
    public int? ExitCode { get; init; }

    [Description("What ended it; left out where it ended by itself.")]
    public string? Signal { get; init; }

    [Description("It had to be killed.")]
    public required bool Forced { get; init; }
    public required bool OomKilled { get; init; }
}

/// <summary>See <see cref="ContainerEngine.StopAsync"/>.</summary>
public sealed class StopContainerTool(ContainerEngine engine) : Tool<StopContainerArguments, StopContainerResult>
{
    public override ToolDefinition Definition { get; } = new("stopContainer")
    {
        Title = "Stop a container",
        Description = "Asks a running container's command to end, and kills it when it has not after the timeout. Its files and log stay; it can be started again. One that has exited already stays as it is.",
        Example = """{"container": "web", "timeout": "5s"}""",
        Idempotent = true,
    };

    protected override async Task<StopContainerResult> RunAsync(StopContainerArguments arguments, ToolContext context, CancellationToken cancellation)
    {
        int? signal = string.IsNullOrEmpty(arguments.Signal) ? null : ProcessFields.Signal("signal", arguments.Signal);
        (ContainerRecord record, bool forced) = await engine.StopAsync(context.Caller.Container(arguments.Container, Access.Manage).Id, signal, arguments.Timeout, cancellation).ConfigureAwait(false);
        ContainerExit? exit = ContainerView.ExitOf(record);
        return new StopContainerResult
        {
            Id = record.Id.Value,
            State = record.State.Name,
            ExitCode = exit?.ExitCode,
            Signal = exit is { Signal: > 0 } ended ? Linux.Signals.NameOf(ended.Signal) : null,
            Forced = forced,
            OomKilled = exit?.OomKilled ?? false,
        };
    }
}
