using System.ComponentModel;
using Quilt.Engine;
using Quilt.Shim.Contract;

namespace Quilt.Aria;

public sealed record KillExecArguments
{
    [Description("As execInContainer told it.")]
    public required string ExecId { get; init; }

    [Description("Such as TERM; KILL where it is left out, which also ends what it started, unless it has ended before.")]
    [DefaultValue("KILL")]
    public string? Signal { get; init; }
}

/// <summary>See <see cref="ContainerEngine.KillExecAsync"/>.</summary>
public sealed class KillExecTool(ContainerEngine engine) : Tool<KillExecArguments, ExecView>
{
    public override ToolDefinition Definition { get; } = new("killExec")
    {
        Title = "Signal a command",
        Description = "Sends a signal to a background command and answers at once; getExec tells how it ended.",
        Example = """{"execId": "0123456789abcdef", "signal": "TERM"}""",
        Idempotent = true,
    };

    protected override async Task<ExecView> RunAsync(KillExecArguments arguments, ToolContext context, CancellationToken cancellation)
    {
        int signal = string.IsNullOrEmpty(arguments.Signal) ? Linux.Signals.Kill : ProcessFields.Signal("signal", arguments.Signal);
        Core.ContainerId container = engine.FindExec(arguments.ExecId, context.Caller.MayUse).Id;
        await engine.KillExecAsync(container, arguments.ExecId, signal, cancellation).ConfigureAwait(false);
        return ExecView.Of(container, await engine.FindExecAsync(container, arguments.ExecId, cancellation).ConfigureAwait(false));
    }
}
