using System.ComponentModel;
using Quilt.Core;
using Quilt.Engine;
using Quilt.Shim.Contract;

namespace Quilt.Aria;

public sealed record GetExecArguments
{
    [Description("As execInContainer told it.")]
    public required string ExecId { get; init; }

    [Description("The cursor of the answer before, for what was written after it.")]
    public string? Cursor { get; init; }

    [Description("Where there is nothing new, wait for it that long at most.")]
    public TimeSpan? Wait { get; init; }
}

public sealed record ExecView
{
    public required string ExecId { get; init; }

    [Description("The container's id.")]
    public required string Container { get; init; }

    [Description("Empty where it is not known any more.")]
    public required IReadOnlyList<string> Command { get; init; }
    public required bool Running { get; init; }
    public required DateTimeOffset StartedAt { get; init; }
    public DateTimeOffset? ExitedAt { get; init; }
    public int? ExitCode { get; init; }
    public bool? TimedOut { get; init; }

    internal static ExecView Of(ContainerId container, BackgroundExec exec) => new()
    {
        ExecId = exec.Id,
        Container = container.Value,
        Command = exec.Command,
        Running = exec.Exit is null,
        StartedAt = exec.StartedAt,
        ExitedAt = exec.Exit?.ExitedAt,
        ExitCode = exec.Exit?.ExitCode,
        TimedOut = exec.Exit?.TimedOut,
    };
}

public sealed record GetExecResult
{
    public required ExecView Exec { get; init; }

    [Description("What it wrote after the cursor, in order.")]
    public required IReadOnlyList<LogLineView> Output { get; init; }

    [Description("Give it for what comes after.")]
    public required string Cursor { get; init; }

    [Description("There is more: the answer was full. Ask again with the cursor.")]
    public required bool Truncated { get; init; }

    [Description("Some of what it wrote after the cursor is not kept any more: only the last of it is, some 16 MiB or more.")]
    public required bool Missed { get; init; }
}

/// <summary>See <see cref="ContainerEngine.GetExecAsync"/>.</summary>
public sealed class GetExecTool(ContainerEngine engine) : Tool<GetExecArguments, GetExecResult>
{
    public override ToolDefinition Definition { get; } = new("getExec")
    {
        Title = "Read a command's output",
        Description = "How a background command is, and what it wrote after the cursor; also the whole output of a command that did not fit into execInContainer's answer. With wait it answers when there is something new.",
        Example = """{"execId": "0123456789abcdef", "wait": "10s"}""",
        Level = SecurityLevel.Safe,
        Idempotent = true,
    };

    protected override async Task<GetExecResult> RunAsync(GetExecArguments arguments, ToolContext context, CancellationToken cancellation)
    {
        ContainerId container = engine.FindExec(arguments.ExecId, context.Caller.MayUse).Id;
        LogCursor after = LogQueryReader.Cursor("cursor", arguments.Cursor ?? "");
        ExecOutput output = await ReadAsync(container, arguments, after, cancellation).ConfigureAwait(false);
        BoundedLines lines = new(output.Next.ToString());
        bool all = output.Lines.All(lines.TryAdd);
        return new GetExecResult
        {
            Exec = ExecView.Of(container, output.Exec),
            Output = lines.Lines,
            Cursor = lines.Cursor,
            Truncated = !all || output.More,
            Missed = output.Missed,
        };
    }

    private async Task<ExecOutput> ReadAsync(
        ContainerId container, GetExecArguments arguments, LogCursor after, CancellationToken cancellation)
    {
        if (arguments.Wait is not { } wait || wait <= TimeSpan.Zero)
        {
            return await engine.GetExecAsync(container, arguments.ExecId, after, wait: false, cancellation).ConfigureAwait(false);
        }

        using CancellationTokenSource patient = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        patient.CancelAfter(TimerSpan.Of(wait));
        try
        {
            return await engine.GetExecAsync(container, arguments.ExecId, after, wait: true, patient.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return await engine.GetExecAsync(container, arguments.ExecId, after, wait: false, cancellation).ConfigureAwait(false);
        }
    }
}
