using System.Buffers;
using System.IO.Pipelines;
using Grpc.Core;
using Microsoft.AspNetCore.Http.Features;
using Quilt.Aria;
using Quilt.Core;

namespace Quilt.Daemon;

/// <summary>
/// Reads the body of a gRPC call for whoever puts its messages together. Until one is whole it is kept here, which is before its call is counted:
/// so that is bounded for each agent.
/// </summary>
/// <param name="told">What is thrown where it is too much.</param>
internal sealed class MessageReading(PipeReader body, BodyPlace place, Func<QuiltException, Exception> told) : PipeReader, IRequestBodyPipeFeature
{
    private ReadOnlySequence<byte> _read;

    PipeReader IRequestBodyPipeFeature.Reader => this;

    /// <summary>Of calls with a token; without one it is the operator who calls.</summary>
    internal static void Use(WebApplication app, AgentLayer agents) => app.UseWhen(
        context => context.Request.Headers.Authorization.Count > 0 && Door.GrpcOf(context) is not null,
        branch => branch.Use(async (context, next) =>
        {
            // Of one message the server reads itself, and only this is an answer to it then; of more the call does, whose interceptor tells.
            bool one = Door.GrpcOf(context)!.Method.Type is MethodType.Unary or MethodType.ServerStreaming;
            using BodyPlace place = RequestBody.PlaceOf(context, agents);
            context.Features.Set<IRequestBodyPipeFeature>(new MessageReading(context.Request.BodyReader, place, e => one ? e.ToRpc() : e));
            await next(context).ConfigureAwait(false);
        }));

    public override async ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default) => Counted(await body.ReadAsync(cancellationToken).ConfigureAwait(false));

    public override bool TryRead(out ReadResult result)
    {
        bool any = body.TryRead(out result);
        if (any)
        {
            Counted(result);
        }

        return any;
    }

    public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        place.Hold(_read.Slice(consumed).Length);
        _read = default;
        body.AdvanceTo(consumed, examined);
    }

    public override void CancelPendingRead() => body.CancelPendingRead();

    public override void Complete(Exception? exception = null) => body.Complete(exception);

    private ReadResult Counted(ReadResult result)
    {
        try
        {
            place.Hold(result.Buffer.Length);
        }
        catch (QuiltException e)
        {
            body.AdvanceTo(result.Buffer.End);
            throw told(e);
        }

        _read = result.Buffer;
        return result;
    }
}
