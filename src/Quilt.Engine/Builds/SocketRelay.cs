using System.Net.Sockets;
using Quilt.Network;

namespace Quilt.Engine;

/// <summary>A socket whose connections are passed on to another: what is behind it stays where it is.</summary>
internal sealed class SocketRelay : IDisposable
{
    /// <summary>Connections at once: each costs descriptors of ours, and those inside open as many as they like.</summary>
    private const int Most = 32;
    private const int Backlog = 16;
    private readonly SemaphoreSlim _places = new(Most);
    private readonly CancellationTokenSource _ending = new();
    private readonly Socket _listener;

    private SocketRelay(Socket listener) => _listener = listener;

    /// <param name="path">Of the socket that is made.</param>
    internal static SocketRelay Listen(string path, string to)
    {
        Socket listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            listener.Bind(new UnixDomainSocketEndPoint(path));
            listener.Listen(Backlog);
        }
        catch
        {
            listener.Dispose();
            throw;
        }

        SocketRelay relay = new(listener);
        _ = relay.AcceptAsync(to);
        return relay;
    }

    public void Dispose()
    {
        _ending.Cancel();
        _listener.Dispose();
    }

    private async Task AcceptAsync(string to)
    {
        try
        {
            while (true)
            {
                await _places.WaitAsync(_ending.Token).ConfigureAwait(false);
                _ = PassOnAsync(await Acceptor.NextAsync(_listener, _ => { }, _ending.Token).ConfigureAwait(false), to);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException or SocketException)
        {
            // The step has ended.
        }
    }

    private async Task PassOnAsync(Socket from, string path)
    {
        try
        {
            using (from)
            using (Socket to = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified))
            {
                await to.ConnectAsync(new UnixDomainSocketEndPoint(path), _ending.Token).ConfigureAwait(false);
                await using NetworkStream one = new(from), other = new(to);
                await Task.WhenAny(one.CopyToAsync(other, _ending.Token), other.CopyToAsync(one, _ending.Token)).ConfigureAwait(false);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or SocketException)
        {
            // Nobody answers behind it, or the step has ended: whoever connected is told by its end.
        }
        finally
        {
            _places.Release();
        }
    }
}
