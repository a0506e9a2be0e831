using System.Text.Json;
using Quilt.Core;

namespace Quilt.Cognition.Program;

/// <summary>Has one document read by a process of its own, within its limits.</summary>
internal sealed class WorkerDocumentReader : IDocumentReader, IDisposable
{
    private readonly DocumentLimits _limits;
    private readonly WorkerProcess? _worker;

    private WorkerDocumentReader(DocumentLimits limits, WorkerProcess? worker) => (_limits, _worker) = (limits, worker);

    /// <summary>For tools that read no document.</summary>
    public static WorkerDocumentReader None => new(new DocumentLimits(), null);

    /// <summary>Starts the process, which needs root's rights where we have them; it waits for its document.</summary>
    public static WorkerDocumentReader Start(DocumentLimits limits) => new(limits, new WorkerProcess(limits));

    public async Task<ParseDocumentResult> Read(DocumentRequest request, ReadOnlyMemory<byte> document, CancellationToken cancellation)
    {
        WorkerProcess worker = _worker ?? throw new InvalidOperationException("no reader of documents was started");
        TextTail errors = new();
        Task logged = errors.Fill(worker.Errors);
        using CancellationTokenSource wall = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        wall.CancelAfter(TimeSpan.FromSeconds(_limits.WallSeconds));
        try
        {
            byte[] answer = await Exchange(worker, request, document, wall.Token).ConfigureAwait(false);
            return answer.Length > 0 ? Answer(answer, request) : throw WorkerFailure.Ended(request.Argument, await worker.Ended.WaitAsync(wall.Token).ConfigureAwait(false));
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw WorkerFailure.Time(request.Argument, _limits.WallSeconds);
        }
        finally
        {
            worker.Kill();
            await logged.ConfigureAwait(false);
            if (!errors.IsEmpty)
            {
                await Console.Error.WriteLineAsync(errors.ToString()).ConfigureAwait(false);
            }
        }
    }

    public void Dispose() => _worker?.Dispose();

    private async Task<byte[]> Exchange(WorkerProcess worker, DocumentRequest request, ReadOnlyMemory<byte> document, CancellationToken cancellation)
    {
        // Not a byte before it says that it is confined.
        byte[] ready = new byte[ParseCommand.Ready.Length];
        int count = await worker.Output.ReadAtLeastAsync(ready, ready.Length, throwOnEndOfStream: false, cancellation).ConfigureAwait(false);
        if (count < ready.Length)
        {
            throw new QuiltException(ErrorCode.Internal, "the reader of documents cannot be confined on this host", "look into the daemon's log");
        }

        Task written = Write(worker, request, document, cancellation);
        byte[] answer = await BoundedReading.ToEnd(worker.Output, MaxAnswerBytes, cancellation).ConfigureAwait(false);
        await written.ConfigureAwait(false);
        return answer;
    }

    /// <summary>Text, the same again as cells, and lists that are bounded; a character is at most six bytes of JSON.</summary>
    private long MaxAnswerBytes => (_limits.MaxOutputChars * 12L) + (8 << 20);

    private static async Task Write(WorkerProcess worker, DocumentRequest request, ReadOnlyMemory<byte> document, CancellationToken cancellation)
    {
        try
        {
            await worker.Input.WriteAsync(JsonSerializer.SerializeToUtf8Bytes(request, DocumentRequestJson.Default.DocumentRequest), cancellation).ConfigureAwait(false);
            await worker.Input.WriteAsync("\n"u8.ToArray(), cancellation).ConfigureAwait(false);
            await worker.Input.WriteAsync(document, cancellation).ConfigureAwait(false);
            worker.Input.Close();
        }
        catch (IOException)
        {
            // It ended while it read: its exit code tells why.
        }
    }

    private static ParseDocumentResult Answer(byte[] answer, DocumentRequest request)
    {
        try
        {
            CallResponse? response = JsonSerializer.Deserialize(answer, CognitionJson.Default.CallResponse);
            return response?.Error is { } error ? throw error.ToException()
                : response?.Result?.Deserialize(CognitionJson.Default.ParseDocumentResult) ?? throw new JsonException("null");
        }
        catch (JsonException e)
        {
            throw new QuiltException(ErrorCode.InvalidArgument, "the document broke its reader", "give the whole file, unchanged, and the right format", request.Argument, e);
        }
    }
}
