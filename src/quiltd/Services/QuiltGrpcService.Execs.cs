using Grpc.Core;
using Quilt.Api.V1;
using Quilt.Engine;
using Quilt.Shim.Contract;

namespace Quilt.Daemon;

internal sealed partial class QuiltGrpcService
{
    public override async Task<ExecResponse> Exec(ExecRequest request, ServerCallContext context)
    {
        ExecSpec spec = ExecSpecReader.Read(request);
        if (request.Background)
        {
            return new ExecResponse { ExecId = await engine.ExecInBackgroundAsync(request.Container, spec, request.Stdin.Memory, context.CancellationToken).ConfigureAwait(false) };
        }

        ExecOutcome outcome = await engine.ExecAsync(request.Container, spec, request.Stdin.Memory, ExecSpecReader.OutputLimit(request), context.CancellationToken).ConfigureAwait(false);
        return new ExecResponse { Result = outcome.ToMessage() };
    }

    public override async Task<GetExecResponse> GetExec(GetExecRequest request, ServerCallContext context)
    {
        LogCursor after = LogQueryReader.Cursor("since_cursor", request.SinceCursor);
        (BackgroundExec exec, IReadOnlyList<LogEntry> output, LogCursor next) =
            await engine.GetExecAsync(request.Container, request.ExecId, after, request.Follow, context.CancellationToken).ConfigureAwait(false);
        return new GetExecResponse { Exec = exec.ToMessage(), Output = { output.Select(StreamMessages.ToMessage) }, Cursor = next.ToString() };
    }

    public override async Task<ListExecsResponse> ListExecs(ContainerRequest request, ServerCallContext context) =>
        new() { Execs = { (await engine.ListExecsAsync(request.Container, context.CancellationToken).ConfigureAwait(false)).Select(StreamMessages.ToMessage) } };

    public override async Task<SendExecInputResponse> SendExecInput(SendExecInputRequest request, ServerCallContext context)
    {
        await engine.SendExecInputAsync(
            request.Container, request.ExecId, request.Input.Memory, request.CloseStdin, ProcessFields.Window(request.Resize), context.CancellationToken).ConfigureAwait(false);
        return new SendExecInputResponse();
    }

    public override async Task<KillExecResponse> KillExec(KillExecRequest request, ServerCallContext context)
    {
        int signal = request.Signal.Length > 0 ? ProcessFields.Signal("signal", request.Signal) : Linux.Signals.Kill;
        await engine.KillExecAsync(request.Container, request.ExecId, signal, context.CancellationToken).ConfigureAwait(false);
        return new KillExecResponse();
    }
}
