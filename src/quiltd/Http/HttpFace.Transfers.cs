using System.Text.Json.Nodes;
using Quilt.Aria;

namespace Quilt.Daemon;

internal sealed partial class HttpFace
{
    internal const string Archive = "application/octet-stream";

    /// <summary>Takes the body in, for the call that names its id.</summary>
    private Task UploadAsync(HttpContext context) => AnswerAsync(context, async () =>
    {
        CallArguments told = new(() => Told.Of(), () => Told.Of());
        (string id, long bytes) = await agents.Execution.RunAsync(
            HttpCall.Of(context), TransferFiles.Upload, told, (caller, cancellation) => agents.Transfers.ReceiveAsync(caller, context.Request.Body, cancellation), null, context.RequestAborted).ConfigureAwait(false);
        return new JsonObject { ["uploadId"] = id, ["bytes"] = bytes }.ToJsonString();
    });

    private Task DownloadAsync(HttpContext context) => ProblemDetails.GuardAsync(context, logger, async () =>
    {
        string told() => Told.Of(("download", Name(context)));
        await agents.Execution.RunAsync(HttpCall.Of(context), TransferFiles.Download, new CallArguments(told, told), async (caller, cancellation) =>
        {
            await using FileStream content = agents.Transfers.Take(caller, Name(context), "download");
            context.Response.ContentType = Archive;
            context.Response.ContentLength = content.Length;
            await content.CopyToAsync(context.Response.Body, cancellation).ConfigureAwait(false);
            return true;
        }, null, context.RequestAborted).ConfigureAwait(false);
    });
}
