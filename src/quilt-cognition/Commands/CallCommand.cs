using System.Text.Json;
using Quilt.Core;

namespace Quilt.Cognition.Program;

/// <summary><c>quilt-cognition call</c>: runs one cognitive tool. Failures are answers too; the exit code is 0 with a result and 1 with an error.</summary>
internal static class CallCommand
{
    /// <summary>The longest request, bytes: a document of the largest limit in base64, and then some.</summary>
    private const long MaxRequestBytes = 512 << 20;

    public static async Task<int> Run()
    {
        using CallerWatch caller = new();
        CallResponse response;
        try
        {
            response = new CallResponse { Result = await Call(await ReadRequest(caller.Gone).ConfigureAwait(false), caller.Gone).ConfigureAwait(false) };
        }
        catch (QuiltException e)
        {
            response = new CallResponse { Error = CallError.Of(e) };
            if (e.InnerException is { } cause)
            {
                await Console.Error.WriteLineAsync(cause.ToString()).ConfigureAwait(false); // for the daemon's log
            }
        }
        catch (OperationCanceledException) when (caller.Gone.IsCancellationRequested)
        {
            return 1;
        }
        catch (Exception e)
        {
            await Console.Error.WriteLineAsync(e.ToString()).ConfigureAwait(false);
            response = new CallResponse { Error = CallError.Of(new QuiltException(ErrorCode.Internal, "the tool failed in a way that was not foreseen", "look into the daemon's log")) };
        }

        using Stream output = Console.OpenStandardOutput();
        await JsonSerializer.SerializeAsync(output, response, CognitionJson.Default.CallResponse).ConfigureAwait(false);
        return response.Error is null ? 0 : 1;
    }

    private static async Task<JsonElement> Call(CallRequest request, CancellationToken cancellation)
    {
        // What only root may do comes first: reading the keys, and starting the reader of documents in a network of its own.
        CognitionConfig config = request.Config;
        ApiKey modelKey = ApiKey.Read(config.Model?.ApiKeyFile, config.Model?.ApiKeyEnv, "cognition.model");
        ApiKey searchKey = ApiKey.Read(config.Search?.ApiKeyFile, config.Search?.ApiKeyEnv, "cognition.search");
        using WorkerDocumentReader reader = request.Tool == CognitiveTools.ParseDocument.Name
            ? WorkerDocumentReader.Start(config.Documents)
            : WorkerDocumentReader.None;
        Rights.Drop();
        using ToolCaller tools = new(config, modelKey, searchKey, reader);
        return await tools.Call(request.Tool, request.Arguments, cancellation).ConfigureAwait(false);
    }

    private static async Task<CallRequest> ReadRequest(CancellationToken cancellation)
    {
        using Stream input = Console.OpenStandardInput();
        byte[] request = await BoundedReading.ToEnd(input, MaxRequestBytes, cancellation).ConfigureAwait(false);
        try
        {
            return JsonSerializer.Deserialize(request, CognitionJson.Default.CallRequest)
                ?? throw new JsonException("null");
        }
        catch (JsonException e)
        {
            throw new QuiltException(ErrorCode.InvalidArgument, "the request is not {\"tool\",\"arguments\",\"config\"}", "see docs/cognition.md", inner: e);
        }
    }
}
