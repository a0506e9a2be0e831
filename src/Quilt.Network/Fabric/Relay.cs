using System.Buffers;
using System.Net.Sockets;

namespace Quilt.Network;

/// <summary>Carries bytes between two connections, in both directions, until both have said all they have to say.</summary>
internal static class Relay
{
    private const int BufferSize = 64 << 10;

    /// <param name="carried">Is told of each piece, in bytes.</param>
    /// <exception cref="SocketException">One is gone; both are closed.</exception>
    internal static Task RunAsync(Socket one, Socket other, Action<int> carried, CancellationToken cancellation) =>
        Task.WhenAll(PassAsync(one, other, carried, cancellation), PassAsync(other, one, carried, cancellation));

    /// <summary>Its other end hears at once that it is over (RST).</summary>
    internal static void Reset(Socket socket)
    {
        try
        {
            socket.LingerState = new LingerOption(true, 0);
            socket.Close();
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // It is over already.
        }
    }

    /// <summary>Until one side has said all; then the other hears that.</summary>
    private static async Task PassAsync(Socket from, Socket to, Action<int> carried, CancellationToken cancellation)
    {
        try
        {
            int count;
            do
            {
                // Waits without a buffer: most connections wait.
                await from.ReceiveAsync(Memory<byte>.Empty, SocketFlags.None, cancellation).ConfigureAwait(false);
                count = await PassPieceAsync(from, to, cancellation).ConfigureAwait(false);
                carried(count);
            }
            while (count > 0);

            to.Shutdown(SocketShutdown.Send);
        }
        catch
        {
            // The other direction ends too.
            Reset(from);
            Reset(to);
            throw;
        }
    }

    /// <returns>0: there are no more.</returns>
    private static async Task<int> PassPieceAsync(Socket from, Socket to, CancellationToken cancellation)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        try
        {
            int count = await from.ReceiveAsync(buffer, SocketFlags.None, cancellation).ConfigureAwait(false);
            for (int sent = 0; sent < count;)
            {
                sent += await to.SendAsync(buffer.AsMemory(sent, count - sent), SocketFlags.None, cancellation).ConfigureAwait(false);
            }

            return count;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
