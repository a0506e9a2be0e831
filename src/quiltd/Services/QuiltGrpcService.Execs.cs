using Grpc.Core;
using Quilt.Api.V1;
using Quilt.Aria;
using Quilt.Engine;
using Quilt.Shim.Contract;

namespace Quilt.Daemon;

internal sealed partial class QuiltGrpcService
{
    public override Task<ExecResponse> Exec(ExecRequest request, ServerCallContext context) => RunAsync(
        context, "execInContainer", request, () => ToldOf(request), async (caller, cancellation) =>
        {
            ExecInContainerArguments arguments = RequestArguments.Of(request);
            ExecSpec spec = ExecSpecReader.Read(arguments);
            long limit = ExecSpecReader.OutputLimit(arguments);
            ContainerRecord record = caller.Container(request.Container, Access.Use);
            using IDisposable? place = await agents.Workloads.EnterExecAsync(caller, request.Background, cancellation).ConfigureAwait(false);
            if (request.Background)
            {
                return new ExecResponse { ExecId = await engine.ExecInBackgroundAsync(record.Id, spec, request.Stdin.Memory, cancellation).ConfigureAwait(false) };
            }

            ExecOutcome outcome = await engine.ExecAsync(record.Id, spec, request.Stdin.Memory, limit, cancellation).ConfigureAwait(false);
            return new ExecResponse { Result = outcome.ToMessage(), ExecId = outcome.KeptAs ?? "" };
        });

    public override Task<GetExecResponse> GetExec(GetExecRequest request, ServerCallContext context) => OnContainer(
        context, "getExec", request, request.Container, async (record, cancellation) =>
        {
            LogCursor after = LogQueryReader.Cursor("since_cursor", request.SinceCursor);
            ExecOutput output = await engine.GetExecAsync(record.Id, request.ExecId, after, request.Follow, cancellation).ConfigureAwait(false);
            return new GetExecResponse { Exec = output.Exec.ToMessage(), Output = { output.Lines.Select(StreamMessages.ToMessage) }, Cursor = output.Next.ToString(), Missed = output.Missed };
        }, Access.Use);

    public override Task<ListExecsResponse> ListExecs(ContainerRequest request, ServerCallContext context) => OnContainer(
        context, "listExecs", request, request.Container,
        async (record, cancellation) => new ListExecsResponse { Execs = { (await engine.ListExecsAsync(record.Id, cancellation).ConfigureAwait(false)).Select(StreamMessages.ToMessage) } }, Access.Use);

    public override Task<SendExecInputResponse> SendExecInput(SendExecInputRequest request, ServerCallContext context) => OnContainer(
        context, "sendExecInput", request, request.Container, async (record, cancellation) =>
        {
            await engine.SendExecInputAsync(
                record.Id, request.ExecId, request.Input.Memory, request.CloseStdin, RequestArguments.Window(request.Resize), cancellation).ConfigureAwait(false);
            return new SendExecInputResponse();
        }, Access.Use);

    public override Task<KillExecResponse> KillExec(KillExecRequest request, ServerCallContext context) => OnContainer(
        context, "killExec", request, request.Container, async (record, cancellation) =>
        {
            int signal = request.Signal.Length > 0 ? ProcessFields.Signal("signal", request.Signal) : Linux.Signals.Kill;
            await engine.KillExecAsync(record.Id, request.ExecId, signal, cancellation).ConfigureAwait(false);
            return new KillExecResponse();
        }, Access.Use);

    private static string ToldOf(ExecRequest request) => Told.Of(
        ("container", request.Container), ("command", request.Command), ("env", request.Env.Keys.ToArray()), ("user", request.User), ("background", request.Background));
}
