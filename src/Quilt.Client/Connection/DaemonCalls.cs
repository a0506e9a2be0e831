using System.Runtime.CompilerServices;
using System.Text.Json;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Grpc.Net.Client;
using Quilt.Core;
using Wire = Quilt.Api.V1;

namespace Quilt.Client;

/// <summary>A daemon's calls, each with who makes it; what fails fails as a <see cref="Core.QuiltException"/>.</summary>
internal sealed class DaemonCalls
{
    private readonly GrpcChannel _channel;
    private readonly string _host;
    private readonly Caller _caller;

    private DaemonCalls(GrpcChannel channel, string host, Caller caller)
    {
        (_channel, _host, _caller) = (channel, host, caller);
        Service = new Wire.QuiltService.QuiltServiceClient(channel);
    }

    internal Wire.QuiltService.QuiltServiceClient Service { get; }

    internal static DaemonCalls Open(QuiltClientOptions options)
    {
        string host = options.Host ?? (Environment.GetEnvironmentVariable("QUILT_HOST") is { Length: > 0 } variable ? variable : DaemonEndpoint.Default);
        return new DaemonCalls(DaemonEndpoint.Open(host, options.ConfigureHandler), host, Caller.Of(options));
    }

    /// <summary>The same connection, its calls in a session.</summary>
    internal DaemonCalls In(string session) => new(_channel, _host, _caller with { Session = session });

    internal void Close() => _channel.Dispose();

    internal CallOptions Options(CancellationToken cancellation, string? idempotencyKey = null) => new(_caller.ToMetadata(idempotencyKey), cancellationToken: cancellation);

    internal async Task<T> UnaryAsync<T>(Func<CallOptions, AsyncUnaryCall<T>> call, CancellationToken cancellation)
    {
        using AsyncUnaryCall<T> running = call(Options(cancellation));
        return await AnswerAsync(running.ResponseAsync, cancellation).ConfigureAwait(false);
    }

    internal async Task<T> AnswerAsync<T>(Task<T> answer, CancellationToken cancellation)
    {
        try
        {
            return await answer.ConfigureAwait(false);
        }
        catch (RpcException e)
        {
            throw RpcFailure.From(e, _host, cancellation);
        }
    }

    internal async IAsyncEnumerable<T> StreamAsync<T>(
        Func<CallOptions, AsyncServerStreamingCall<T>> call, string? idempotencyKey = null, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        using AsyncServerStreamingCall<T> running = call(Options(cancellation, idempotencyKey));
        while (await NextAsync(running.ResponseStream, cancellation).ConfigureAwait(false))
        {
            yield return running.ResponseStream.Current;
        }
    }

    /// <inheritdoc cref="QuiltClient.CallToolAsync(string, JsonElement?, ToolCallOptions?, CancellationToken)"/>
    internal async Task<JsonElement> ToolAsync(string name, JsonElement? arguments, ToolCallOptions? options, CancellationToken cancellation)
    {
        Wire.CallToolRequest request = new() { Name = name, Arguments = arguments?.GetRawText() ?? "", Timeout = options?.Timeout?.ToDuration() };
        await foreach (Wire.CallToolEvent happened in StreamAsync(o => Service.CallTool(request, o), options?.IdempotencyKey, cancellation).ConfigureAwait(false))
        {
            switch (happened.EventCase)
            {
                case Wire.CallToolEvent.EventOneofCase.Result:
                    return JsonSerializer.Deserialize(happened.Result, ClientJson.Default.JsonElement);
                case Wire.CallToolEvent.EventOneofCase.Progress:
                    options?.Progress?.Report(Told(happened.Progress));
                    break;
                default:
                    break;
            }
        }

        throw new QuiltException(ErrorCode.Internal, $"quiltd ended the call of {name} without a result", "see quiltd's log");
    }

    private static ToolProgress Told(Wire.ToolProgress progress) => new(progress.Progress, progress.Total > 0 ? progress.Total : null, progress.Message, progress.Item, progress.Stage);

    /// <summary>Whether another message came before the stream's end.</summary>
    internal async Task<bool> NextAsync<T>(IAsyncStreamReader<T> stream, CancellationToken cancellation)
    {
        try
        {
            return await stream.MoveNext(cancellation).ConfigureAwait(false);
        }
        catch (RpcException e)
        {
            throw RpcFailure.From(e, _host, cancellation);
        }
    }
}
