using System.Net;
using System.Net.Sockets;

namespace Quilt.Network;

/// <summary>How TCP is listened to and dialled by what carries containers' connections on.</summary>
internal static class StreamSockets
{
    private const int Backlog = 1024;
    private static readonly TimeSpan DialPatience = TimeSpan.FromSeconds(10);

    /// <exception cref="SocketException">AddressAlreadyInUse, AddressNotAvailable or AccessDenied.</exception>
    internal static Socket Listen(IPEndPoint address)
    {
        Socket listener = new(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            if (address.AddressFamily == AddressFamily.InterNetworkV6)
            {
                listener.DualMode = false;
            }

            listener.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
            listener.Bind(address);
            listener.Listen(Backlog);
            return listener;
        }
        catch
        {
            listener.Dispose();
            throw;
        }
    }

    /// <summary>Of the namespace that the calling thread is in.</summary>
    internal static Socket New(AddressFamily family) => new(family, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };

    /// <summary>Connects it, or disposes of it.</summary>
    /// <returns>False where nobody is there.</returns>
    internal static async Task<bool> TryConnectAsync(Socket socket, IPEndPoint to, CancellationToken cancellation)
    {
        using CancellationTokenSource patient = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        patient.CancelAfter(DialPatience);
        try
        {
            await socket.ConnectAsync(to, patient.Token).ConfigureAwait(false);
            return true;
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException)
        {
            socket.Dispose();
            return false;
        }
    }
}
