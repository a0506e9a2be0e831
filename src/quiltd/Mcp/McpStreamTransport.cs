using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using System.Threading.Channels;
using Grpc.Core;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;
using Quilt.Api.V1;
using Quilt.Core;

namespace Quilt.Daemon;

/// <summary>The protocol's messages over a stream of gRPC. What was asked before the client's side ends is answered before ours does.</summary>
internal sealed class McpStreamTransport(IAsyncStreamReader<McpMessage> requests, IServerStreamWriter<McpMessage> responses) : ITransport
{
    private const int LongestMessage = 16 << 20;
    private const string NoJson = """{"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"Parse error: the message is no JSON-RPC message"}}""";
    private static readonly JsonTypeInfo<JsonRpcMessage> Message = (JsonTypeInfo<JsonRpcMessage>)McpJsonUtilities.DefaultOptions.GetTypeInfo(typeof(JsonRpcMessage));
    private readonly Channel<JsonRpcMessage> _incoming = Channel.CreateBounded<JsonRpcMessage>(64);
    private readonly SemaphoreSlim _writing = new(1, 1);
    private readonly HashSet<RequestId> _unanswered = [];
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
                _unanswered.Remove(((JsonRpcMessageWithId)message).Id);
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
        catch (JsonException)
        {
            message = null;
        }

        if (message is null)
        {
            await WriteAsync(NoJson, cancellation).ConfigureAwait(false);
            return;
        }

        lock (_unanswered)
        {
            switch (message)
            {
                case JsonRpcRequest request:
                    _unanswered.Add(request.Id);
                    break;

                // What is cancelled is not answered.
                case JsonRpcNotification { Method: NotificationMethods.CancelledNotification, Params: { } about }
                    when JsonSerializer.Deserialize(about, (JsonTypeInfo<CancelledNotificationParams>)McpJsonUtilities.DefaultOptions.GetTypeInfo(typeof(CancelledNotificationParams))) is { } cancelled:
                    _unanswered.Remove(cancelled.RequestId);
                    break;
            }
        }

        await _incoming.Writer.WriteAsync(message, cancellation).ConfigureAwait(false);
    }

    private async Task WriteAsync(string json, CancellationToken cancellation)
    {
        // Answers of requests that ran at once: one message after the other.
        await _writing.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            await responses.WriteAsync(new McpMessage { Json = json }, cancellation).ConfigureAwait(false);
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
