using System.Text.Json;
using Quilt.Core;
using Quilt.Shim.Contract;

namespace Quilt.Engine;

/// <summary>Our connection to one shim. It stays open: that tells the shim that we live, and us what it has seen.</summary>
internal sealed class ShimLink : IDisposable
{
    private readonly ShimClient _client;
    private readonly ShimConnection _watch;
    private readonly CancellationTokenSource _closing = new();
    private readonly TaskCompletionSource<ExitRecord?> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private ShimLink(ShimClient client, ShimConnection watch) => (_client, _watch) = (client, watch);

    /// <summary>What it had when we connected; what comes later is told through <see cref="Follow"/>.</summary>
    internal ShimState StateAtConnection => _watch.Response.State!;

    /// <exception cref="QuiltException">Unavailable: there is no shim.</exception>
    internal static async Task<ShimLink> OpenAsync(string socket, CancellationToken cancellation)
    {
        ShimClient client = new(socket);
        return new ShimLink(client, await client.OpenAsync(new ShimRequest { Watch = new WatchRequest() }, cancellation).ConfigureAwait(false));
    }

    /// <summary>Done when its container's process has ended, or the shim is gone: how it ended, where that is known.</summary>
    internal Task<ExitRecord?> Ended => _ended.Task;

    /// <summary>Begins to listen: tells of the container's exit, or that the shim has gone without one. Once, either.</summary>
    internal void Follow(Func<ExitRecord?, Task> onEnd) => _ = Task.Run(async () =>
    {
        ExitRecord? exit = StateAtConnection.Exit;
        try
        {
            while (exit is null && await _watch.ReadAsync(_closing.Token).ConfigureAwait(false) is { } frame)
            {
                // Execs' ends are for those who follow them.
                exit = JsonSerializer.Deserialize(frame.Payload.Span, ShimJson.Default.ShimEvent) is { ExecId: null } ended ? ended.Exit : null;
            }
        }
        catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
        {
            // We have closed it ourselves.
            _ended.TrySetResult(null);
            return;
        }

        _ended.TrySetResult(exit);
        await onEnd(exit).ConfigureAwait(false);
    });

    /// <exception cref="QuiltException">What the shim refused, in its own words; Unavailable where it is gone.</exception>
    internal async Task<ShimResponse> AskAsync(ShimRequest request, CancellationToken cancellation)
    {
        try
        {
            return await _client.RequestAsync(request, cancellation).ConfigureAwait(false);
        }
        catch (ShimException e)
        {
            throw Translate(e);
        }
    }

    /// <summary>As <see cref="AskAsync"/>, where frames follow the answer.</summary>
    internal async Task<ShimConnection> OpenAsync(ShimRequest request, CancellationToken cancellation)
    {
        try
        {
            return await _client.OpenAsync(request, cancellation).ConfigureAwait(false);
        }
        catch (ShimException e)
        {
            throw Translate(e);
        }
    }

    /// <summary>Of a shim that was killed: it could not do it itself.</summary>
    internal void RemoveSocket() => File.Delete(_client.SocketPath);

    public void Dispose()
    {
        _closing.Cancel();
        _watch.Dispose();
        _closing.Dispose();
    }

    private static QuiltException Translate(ShimException failure) =>
        new(ErrorCodes.FromWireName(failure.Error.Code), failure.Error.Message, failure.Error.Remedy, null, failure);
}
