using System.Net.Sockets;

namespace Quilt.Network;

/// <summary>Takes connections until it is ended.</summary>
internal static class Acceptor
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    /// <param name="serve">Is not waited for.</param>
    /// <param name="troubled">Is told where one could not be taken, such as for want of descriptors; it waits for the next attempt.</param>
    internal static async Task RunAsync(Socket listener, Func<Socket, Task> serve, Action<SocketException> troubled, CancellationToken ended)
    {
        while (!ended.IsCancellationRequested)
        {
            try
            {
                _ = serve(await listener.AcceptAsync(ended).ConfigureAwait(false));
            }
            catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
            {
                return;
            }
            catch (SocketException e)
            {
                troubled(e);
                await Task.Delay(Pause, CancellationToken.None).ConfigureAwait(false);
            }
        }
    }
}
