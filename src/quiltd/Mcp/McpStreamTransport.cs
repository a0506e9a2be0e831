using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using System.Threading.Channels;
using Grpc.Core;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;
using Quilt.Api.V1;
using Quilt.Core;

namespace Quilt.Daemon;

/// <summary>The protocol's messages over a stream of gRPC. What was asked before the client's side ends is answered before ours does.</summary>
/// <param name="streamEnded">Of the client's going, or its token's end.</param>
internal sealed class McpStreamTransport(IAsyncStreamReader<McpMessage> requests, IServerStreamWriter<McpMessage> responses, CancellationToken streamEnded) : ITransport
{
    private const int LongestMessage = 16 << 20;
    private static readonly JsonTypeInfo<JsonRpcMessage> Message = (JsonTypeInfo<JsonRpcMessage>)McpJsonUtilities.DefaultOptions.GetTypeInfo(typeof(JsonRpcMessage));
    private readonly Channel<JsonRpcMessage> _incoming = Channel.CreateBounded<JsonRpcMessage>(64);
    private readonly SemaphoreSlim _writing = new(1, 1);

    // How many of each id, for a client may use one twice.
    private readonly Dictionary<RequestId, int> _unanswered = [];
    private readonly TaskCompletionSource _allAnswered = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _ended;

    public string? SessionId => null;

    public ChannelReader<JsonRpcMessage> MessageReader => _incoming.Reader;

    /// <summary>Takes the client's messages until it ends them and all are answered. The first is there already.</summary>
    internal async Task ReadAsync(CancellationToken cancellation)
    {
        try
        {
            do
            {
                await TakeAsync(requests.Current.Json, cancellation).ConfigureAwait(false);
            }
            while (await requests.MoveNext(cancellation).ConfigureAwait(false));

            lock (_unanswered)
            {
                _ended = true;
                TellIfAnswered();
            }

            await _allAnswered.Task.WaitAsync(cancellation).ConfigureAwait(false);
        }
        finally
        {
            _incoming.Writer.TryComplete();
        }
    }

    public async Task SendMessageAsync(JsonRpcMessage message, CancellationToken cancellationToken = default)
    {
        await WriteAsync(JsonSerializer.Serialize(message, Message), cancellationToken).ConfigureAwait(false);
        if (message is JsonRpcResponse or JsonRpcError)
        {
            lock (_unanswered)
            {
                RequestId id = ((JsonRpcMessageWithId)message).Id;
                if (_unanswered.TryGetValue(id, out int count) && (_unanswered[id] = count - 1) == 0)
                {
                    _unanswered.Remove(id);
                }

                TellIfAnswered();
            }
        }
    }

    public ValueTask DisposeAsync()
    {
        _incoming.Writer.TryComplete();
        return ValueTask.CompletedTask;
    }

    private async Task TakeAsync(string json, CancellationToken cancellation)
    {
        if (json.Length > LongestMessage)
        {
            throw QuiltException.Invalid("json", $"a message is longer than {LongestMessage} bytes", "send less in one");
        }

        if (json.Length == 0)
        {
            return;
        }

        JsonRpcMessage? message;
        try
        {
            message = JsonSerializer.Deserialize(json, Message);
        }
        catch (Exception e) when (McpJson.IsWrong(e))
        {
            message = null;
        }

        if (message is null)
        {
            await WriteAsync(Refusal(json), cancellation).ConfigureAwait(false);
            return;
        }

        lock (_unanswered)
        {
            switch (message)
            {
                case JsonRpcRequest request:
                    _unanswered[request.Id] = _unanswered.GetValueOrDefault(request.Id) + 1;
                    break;

                // What is cancelled is not answered. What nobody waits for is not to be passed on: it could reach what is asked after it by the same id.
                case JsonRpcNotification { Method: NotificationMethods.CancelledNotification, Params: { } about } when Cancelled(about) is { } cancelled && !_unanswered.Remove(cancelled):
                    return;
            }
        }

        await _incoming.Writer.WriteAsync(message, cancellation).ConfigureAwait(false);
    }

    /// <summary>Of what is no message: no JSON, or JSON of another kind. That may have an id to answer by.</summary>
    private static string Refusal(string json)
    {
        try
        {
            if (!JsonUnicode.IsWhole(Encoding.UTF8.GetBytes(json)))
            {
                return Error("null", McpErrorCode.InvalidRequest, "Invalid Request: the message holds half a character");
            }

            using JsonDocument document = JsonDocument.Parse(json);
            JsonElement id = default;
            bool named = document.RootElement.ValueKind == JsonValueKind.Object && document.RootElement.TryGetProperty("id", out id) && id.ValueKind is JsonValueKind.String or JsonValueKind.Number;
            return Error(named ? id.GetRawText() : "null", McpErrorCode.InvalidRequest, "Invalid Request: the message is no request, notification or answer of JSON-RPC 2.0");
        }
        catch (JsonException)
        {
            return Error("null", McpErrorCode.ParseError, "Parse error: the message is no JSON");
        }

        static string Error(string id, McpErrorCode code, string message) => $$$"""{"jsonrpc":"2.0","id":{{{id}}},"error":{"code":{{{(int)code}}},"message":"{{{message}}}"}}""";
    }

    /// <summary>Null where it says of nothing: then nothing is cancelled.</summary>
    private static RequestId? Cancelled(JsonNode about)
    {
        try
        {
            return JsonSerializer.Deserialize(about, (JsonTypeInfo<CancelledNotificationParams>)McpJsonUtilities.DefaultOptions.GetTypeInfo(typeof(CancelledNotificationParams)))?.RequestId;
        }
        catch (Exception e) when (McpJson.IsWrong(e))
        {
            return null;
        }
    }

    private async Task WriteAsync(string json, CancellationToken cancellation)
    {
        // Answers of requests that ran at once: one message after the other.
        await _writing.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            // Given up in the middle, a writing ends the whole stream; so only the end of that gives one up.
            cancellation.ThrowIfCancellationRequested();
            await responses.WriteAsync(new McpMessage { Json = json }, streamEnded).ConfigureAwait(false);
        }
        finally
        {
            _writing.Release();
        }
    }

    private void TellIfAnswered()
    {
        if (_ended && _unanswered.Count == 0)
        {
            _allAnswered.TrySetResult();
        }
    }
}
