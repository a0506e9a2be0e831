using System.Buffers.Binary;
using System.Globalization;
using Google.Protobuf;
using Grpc.Core;

namespace Quilt.Cli;

/// <summary>The answers of one call, as they come. Disposed before its end, it is cancelled.</summary>
internal class GrpcCall : IDisposable
{
    private const int FirstBufferBytes = 16 * 1024;
    private readonly HttpRequestMessage _request;
    private readonly MessageParser _parser;
    private readonly CancellationTokenSource _ended;
    private readonly Task<HttpResponseMessage> _response;
    private Stream? _body;
    private byte[] _buffer = new byte[FirstBufferBytes];
    private int _start, _end;

    internal GrpcCall(HttpMessageInvoker http, HttpRequestMessage request, MessageParser parser, CancellationToken cancellation)
    {
        (_request, _parser) = (request, parser);
        _ended = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        _response = http.SendAsync(request, _ended.Token);
    }

    /// <summary>The answer that <see cref="MoveNextAsync"/> has brought.</summary>
    internal IMessage Current { get; private set; } = null!;

    /// <summary>The call's response, when its headers are there.</summary>
    protected Task<HttpResponseMessage> Response => _response;

    /// <returns>False at the end, which was good.</returns>
    /// <exception cref="RpcException">It ended with an error, or the connection was lost.</exception>
    internal async Task<bool> MoveNextAsync()
    {
        try
        {
            _body ??= await (await _response.ConfigureAwait(false)).Content.ReadAsStreamAsync(_ended.Token).ConfigureAwait(false);
            while (!TryTake())
            {
                int count = await _body.ReadAsync(_buffer.AsMemory(_end), _ended.Token).ConfigureAwait(false);
                if (count == 0)
                {
                    CheckStatus(await _response.ConfigureAwait(false));
                    return false;
                }

                _end += count;
            }

            return true;
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            throw Lost(e);
        }
    }

    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    protected virtual void Dispose(bool disposing)
    {
        _ended.Cancel();
        if (_response.IsCompletedSuccessfully)
        {
            _response.Result.Dispose();
        }

        _request.Dispose();
        _ended.Dispose();
    }

    protected static RpcException Lost(Exception e) => new(new Status(StatusCode.Unavailable, e.Message, e));

    /// <summary>Takes a whole message out of the buffer, or makes room for the rest of it.</summary>
    private bool TryTake()
    {
        int there = _end - _start;
        int wanted = GrpcTransport.PrefixBytes;
        if (there >= wanted)
        {
            wanted += checked((int)BinaryPrimitives.ReadUInt32BigEndian(_buffer.AsSpan(_start + 1)));
            if (there >= wanted)
            {
                Current = _parser.ParseFrom(_buffer, _start + GrpcTransport.PrefixBytes, wanted - GrpcTransport.PrefixBytes);
                _start += wanted;
                return true;
            }
        }

        if (_start + wanted > _buffer.Length || _end == _buffer.Length)
        {
            byte[] roomy = wanted > _buffer.Length ? new byte[Math.Max(wanted, 2 * _buffer.Length)] : _buffer;
            Buffer.BlockCopy(_buffer, _start, roomy, 0, there);
            (_buffer, _start, _end) = (roomy, 0, there);
        }

        return false;
    }

    /// <summary>The status is in the trailers, or in the headers where nothing else came.</summary>
    private static void CheckStatus(HttpResponseMessage response)
    {
        const string details = "grpc-status-details-bin";
        string? Header(string name) =>
            response.TrailingHeaders.TryGetValues(name, out IEnumerable<string>? values) || response.Headers.TryGetValues(name, out values) ? values.First() : null;

        if (!int.TryParse(Header("grpc-status"), CultureInfo.InvariantCulture, out int code))
        {
            throw new RpcException(new Status(StatusCode.Unavailable, $"HTTP {(int)response.StatusCode} without a status"));
        }

        if (code != 0)
        {
            Metadata trailers = [];
            if (Header(details) is { } detail)
            {
                trailers.Add(details, Convert.FromBase64String(detail.PadRight((detail.Length + 3) / 4 * 4, '=')));
            }

            throw new RpcException(new Status((StatusCode)code, Uri.UnescapeDataString(Header("grpc-message") ?? "")), trailers);
        }
    }
}
