using System.Net.Sockets;

namespace Quilt.Network;

/// <summary>Takes connections until it is ended.</summary>
public static class Acceptor
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    /// <param name="serve">Is not waited for.</param>
    /// <param name="troubled">Is told where one could not be taken, such as for want of descriptors; it waits for the next attempt.</param>
    internal static async Task RunAsync(Socket listener, Func<Socket, Task> serve, Action<SocketException> troubled, CancellationToken ended)
    {
        try
        {
            while (true)
            {
                _ = serve(await NextAsync(listener, troubled, ended).ConfigureAwait(false));
            }
        }
        catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException or SocketException)
        {
            // It is ended.
        }
    }

    /// <summary>The next connection. One that cannot be taken, as where the host has no descriptors for the moment, is not the last.</summary>
    /// <inheritdoc cref="RunAsync" path="/param"/>
    /// <exception cref="OperationCanceledException">It is ended; so too with the socket's own exceptions.</exception>
    public static async Task<Socket> NextAsync(Socket listener, Action<SocketException> troubled, CancellationToken ended)
    {
        ArgumentNullException.ThrowIfNull(listener);
        ArgumentNullException.ThrowIfNull(troubled);
        while (true)
        {
            try
            {
                return await listener.AcceptAsync(ended).ConfigureAwait(false);
            }
            catch (SocketException e) when (!ended.IsCancellationRequested)
            {
                troubled(e);
                await Task.Delay(Pause, ended).ConfigureAwait(false);
            }
        }
    }
}
