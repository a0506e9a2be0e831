using System.Text.Json;
using Quilt.Core;
using Quilt.Linux;
using Quilt.Shim.Contract;

namespace Quilt.Engine;

/// <summary>
/// The connection to one shim that stays open: that tells the shim that we live, and us what it has seen. Requests whose answer is
/// all go over it too, each answered in its turn.
/// </summary>
internal sealed class ShimChannel : IDisposable
{
    private readonly ShimConnection _connection;
    private readonly CancellationTokenSource _closing = new();
    private readonly SemaphoreSlim _sending = new(1, 1);
    private readonly Queue<TaskCompletionSource<ShimResponse>> _asked = new();
    private ShimConnection? _spare;
    private bool _broken;
    private volatile bool _gone;

    private ShimChannel(string socketPath, ShimConnection connection) => (SocketPath, _connection) = (socketPath, connection);

    internal string SocketPath { get; }

    /// <summary>The shim; null where it has ended.</summary>
    internal ProcessIdentity? Process => ProcessIdentity.TryOf(_connection.ProcessId);

    /// <summary>What it had when we connected; what comes later is told to <see cref="OnExit"/>.</summary>
    internal ShimState StateAtConnection => _connection.Response.State!;

    /// <summary>Told of the container's exit, or null when the shim is gone. It must not block.</summary>
    internal Action<ExitRecord?>? OnExit { get; set; }

    /// <summary>The shim is gone, or we have closed.</summary>
    internal bool IsBroken
    {
        get
        {
            lock (_asked)
            {
                return _broken;
            }
        }
    }

    /// <exception cref="QuiltException">Unavailable: there is no shim.</exception>
    internal static async Task<ShimChannel> OpenAsync(string socketPath, SocketAhead? ahead, CancellationToken cancellation) =>
        new(socketPath, await ShimConnection.OpenAsync(socketPath, new ShimRequest { Watch = new WatchRequest() }, cancellation, ahead).ConfigureAwait(false));

    /// <summary>Begins to listen, once <see cref="OnExit"/> is set.</summary>
    internal void Listen() => _ = ReadAsync();

    /// <summary>One who gives up waiting leaves the shim to do it all the same.</summary>
    /// <exception cref="QuiltException">What the shim refused, in its own words; Unavailable where it is gone.</exception>
    internal async Task<ShimResponse> AskAsync(ShimRequest request, CancellationToken cancellation)
    {
        // The answer is taken by whoever reads it, here: a continuation goes on until it waits, and never blocks.
        TaskCompletionSource<ShimResponse> answer = new();
        byte[] payload = ShimConnection.Payload(request);
        await _sending.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            lock (_asked)
            {
                if (_broken)
                {
                    throw Gone();
                }

                _asked.Enqueue(answer);
            }

            await _connection.SendAsync(FrameKind.Request, payload, CancellationToken.None).ConfigureAwait(false);
        }
        finally
        {
            _sending.Release();
        }

        ShimResponse response = await answer.Task.WaitAsync(cancellation).ConfigureAwait(false);
        return response.Error is { } error ? throw new ShimException(error).Translate() : response;
    }

    /// <summary>As <see cref="AskAsync"/>, where frames follow the answer, on a connection of its own.</summary>
    internal async Task<ShimConnection> OpenStreamAsync(ShimRequest request, CancellationToken cancellation)
    {
        ShimConnection connection = Interlocked.Exchange(ref _spare, null) ?? ShimConnection.Connect(SocketPath);
        try
        {
            await connection.AskAsync(request, cancellation).ConfigureAwait(false);
            return connection;
        }
        catch (ShimException e)
        {
            throw e.Translate();
        }
    }

    /// <summary>Takes one back on which nothing is under way any more, for the next that opens a stream.</summary>
    internal void Keep(ShimConnection connection)
    {
        Interlocked.Exchange(ref _spare, connection)?.Dispose();
        if (IsBroken)
        {
            // Closed meanwhile: nobody else takes it away.
            Interlocked.Exchange(ref _spare, null)?.Dispose();
        }
    }

    public void Dispose()
    {
        _closing.Cancel();
        Break();
        Interlocked.Exchange(ref _spare, null)?.Dispose();
        _connection.Dispose();
        if (_gone)
        {
            RemoveSocket();
        }
    }

    /// <summary>Of a shim that was killed: it could not do it itself.</summary>
    internal void RemoveSocket() => File.Delete(SocketPath);

    private async Task ReadAsync()
    {
        try
        {
            while (await _connection.ReadAsync(_closing.Token).ConfigureAwait(false) is { } frame)
            {
                Take(frame);
            }

            _gone = !_closing.IsCancellationRequested;
        }
        catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
        {
            // We have closed it ourselves.
        }
        catch (Exception e) when (e is QuiltException or JsonException or InvalidOperationException)
        {
            // A shim that says what nobody understands watches over nothing any more.
            _connection.Dispose();
        }

        Break();
        OnExit?.Invoke(null);
    }

    private void Take(ShimFrame frame)
    {
        if (frame.Kind == FrameKind.Response)
        {
            TaskCompletionSource<ShimResponse> answer;
            lock (_asked)
            {
                answer = _asked.Dequeue();
            }

            answer.SetResult(JsonSerializer.Deserialize(frame.Payload.Span, ShimJson.Default.ShimResponse)!);
        }
        else if (JsonSerializer.Deserialize(frame.Payload.Span, ShimJson.Default.ShimEvent) is { ExecId: null } ended)
        {
            // Execs' ends are for those who follow them.
            OnExit?.Invoke(ended.Exit);
        }
    }

    private void Break()
    {
        TaskCompletionSource<ShimResponse>[] unanswered;
        lock (_asked)
        {
            _broken = true;
            unanswered = [.. _asked];
            _asked.Clear();
        }

        foreach (TaskCompletionSource<ShimResponse> answer in unanswered)
        {
            answer.SetException(Gone());
        }
    }

    private static QuiltException Gone() =>
        new(ErrorCode.Unavailable, "the container's shim is gone", "try again; the container's state tells whether it has ended");
}
