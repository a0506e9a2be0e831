using System.Runtime.CompilerServices;
using Quilt.Core;
using Quilt.Linux;
using Quilt.Shim.Contract;

namespace Quilt.Engine;

/// <summary>A shim, for as long as it is one container's.</summary>
internal sealed class ShimLink : IDisposable
{
    private readonly ShimChannel _channel;
    private readonly TaskCompletionSource<ExitRecord?> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _released;

    private ShimLink(ShimChannel channel)
    {
        _channel = channel;
        _channel.OnExit = exit => _ended.TrySetResult(exit);
    }

    /// <summary>What it had when we connected; what comes later is told through <see cref="Follow"/>.</summary>
    internal ShimState StateAtConnection => _channel.StateAtConnection;

    /// <inheritdoc cref="ShimChannel.Process"/>
    internal ProcessIdentity? Process => _channel.Process;

    /// <summary>Whose shim it is; null until it is somebody's.</summary>
    internal string? ContainerId { get; set; }

    /// <summary>It has died while nobody asked it anything.</summary>
    internal bool IsBroken => _channel.IsBroken;

    /// <exception cref="QuiltException">Unavailable: there is no shim.</exception>
    /// <param name="ahead">What was opened for the connection; null: nothing.</param>
    internal static async Task<ShimLink> OpenAsync(string socket, CancellationToken cancellation, SocketAhead? ahead = null)
    {
        ShimChannel channel = await ShimChannel.OpenAsync(socket, ahead, cancellation).ConfigureAwait(false);
        ShimLink link = new(channel) { ContainerId = channel.StateAtConnection.ContainerId };
        if (channel.StateAtConnection.Exit is { } exit)
        {
            link._ended.SetResult(exit);
        }

        channel.Listen();
        return link;
    }

    internal static IReadOnlyList<string> SocketsOf(EngineOptions options) => Directory.GetFiles(options.ShimSockets, "*.sock");

    /// <summary>Connects to shims, one after the other.</summary>
    /// <returns>With null for a socket on which nobody listens; told as silent where somebody does and does not answer in time.</returns>
    internal static async IAsyncEnumerable<(string Socket, ShimLink? Link, bool IsSilent)> OpenAllAsync(IReadOnlyList<string> sockets, TimeSpan patience, [EnumeratorCancellation] CancellationToken cancellation)
    {
        foreach (string socket in sockets)
        {
            ShimLink? link = null;
            bool isSilent = false;
            using CancellationTokenSource patient = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            patient.CancelAfter(patience);
            try
            {
                link = await OpenAsync(socket, patient.Token).ConfigureAwait(false);
            }
            catch (QuiltException e) when (e.Code == ErrorCode.Unavailable)
            {
                // It was left there.
            }
            catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
            {
                isSilent = true;
            }

            yield return (socket, link, isSilent);
        }
    }

    /// <summary>Done when its container's process has ended, or the shim is gone: how it ended, where that is known.</summary>
    internal Task<ExitRecord?> Ended => _ended.Task;

    /// <summary>Has the container's exit told, or that the shim has gone without one: once, either, unless we have let go of it before.</summary>
    internal void Follow(Func<ExitRecord?, Task> onEnd) => _ = FollowAsync(onEnd);

    private async Task FollowAsync(Func<ExitRecord?, Task> onEnd)
    {
        ExitRecord? exit = await Ended.ConfigureAwait(false);
        if (!Volatile.Read(ref _released))
        {
            await onEnd(exit).ConfigureAwait(false);
        }
    }

    /// <summary>Whoever calls it awaits <see cref="Ended"/> itself: <see cref="Follow"/> tells of nothing more.</summary>
    internal void Unfollow() => Volatile.Write(ref _released, true);

    /// <inheritdoc cref="ShimChannel.AskAsync"/>
    internal Task<ShimResponse> AskAsync(ShimRequest request, CancellationToken cancellation) =>
        ShimSpan.RunAsync(request with { ContainerId = ContainerId }, asked => _channel.AskAsync(asked, cancellation), response => response);

    /// <inheritdoc cref="ShimChannel.OpenStreamAsync"/>
    internal Task<ShimConnection> OpenAsync(ShimRequest request, CancellationToken cancellation) =>
        ShimSpan.RunAsync(request with { ContainerId = ContainerId }, asked => _channel.OpenStreamAsync(asked, cancellation), connection => connection.Response);

    /// <inheritdoc cref="ShimChannel.Keep"/>
    internal void Keep(ShimConnection connection) => _channel.Keep(connection);

    /// <summary>Lets go of a container that has ended, and makes the shim ready for another.</summary>
    /// <returns>Null where it cannot take another; it goes then, as soon as all is done that it has to do.</returns>
    internal async Task<ShimLink?> RecycleAsync()
    {
        Unfollow();
        try
        {
            await AskAsync(new ShimRequest { Reset = new ResetRequest() }, CancellationToken.None).ConfigureAwait(false);
        }
        catch (QuiltException e)
        {
            _channel.Dispose();
            if (e.Code == ErrorCode.Unavailable)
            {
                RemoveSocket(); // nobody is there to do it
            }

            return null;
        }

        return new ShimLink(_channel);
    }

    /// <inheritdoc cref="ShimChannel.RemoveSocket"/>
    internal void RemoveSocket() => _channel.RemoveSocket();

    public void Dispose()
    {
        Unfollow();
        _channel.Dispose();
    }
}
