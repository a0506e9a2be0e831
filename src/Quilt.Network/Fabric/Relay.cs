using System.Buffers;
using System.Net.Sockets;

namespace Quilt.Network;

/// <summary>
/// Carries bytes between two connections, in both directions, until both have said all they have to say. Where one side does not take
/// them they stay with the kernel, which lets the other side wait: a connection has a buffer only while bytes are on their way.
/// </summary>
internal static class Relay
{
    private const int BufferSize = 64 << 10;

    /// <param name="carried">Is told of each piece, in bytes.</param>
    /// <exception cref="SocketException">One is gone; both are closed.</exception>
    internal static Task RunAsync(Socket one, Socket other, Action<int> carried, CancellationToken cancellation)
    {
        one.Blocking = other.Blocking = false; // of calls that are not asynchronous
        return Task.WhenAll(PassAsync(one, other, carried, cancellation), PassAsync(other, one, carried, cancellation));
    }

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
            // Both for bytes and for room it waits with one byte in hand: most connections wait.
            byte[] next = new byte[1];
            while (await from.ReceiveAsync(next, SocketFlags.None, cancellation).ConfigureAwait(false) > 0)
            {
                int passed = PassPiece(from, to, next[0]);
                carried(passed > 0 ? passed : await to.SendAsync(next, SocketFlags.None, cancellation).ConfigureAwait(false));
            }

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

    /// <summary>Passes on a byte and what follows it, as far as the other side has room for it now.</summary>
    /// <returns>How many bytes; 0: not even that one.</returns>
    private static int PassPiece(Socket from, Socket to, byte first)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        try
        {
            buffer[0] = first;
            int follow = UnlessWaiting(from.Receive(buffer.AsSpan(1), SocketFlags.Peek, out SocketError error), error);
            int passed = UnlessWaiting(to.Send(buffer.AsSpan(0, 1 + follow), SocketFlags.None, out error), error);
            for (int left = passed - 1; left > 0;)
            {
                int taken = from.Receive(buffer.AsSpan(0, left), SocketFlags.Truncated); // not copied once more
                left -= taken > 0 ? taken : throw new SocketException((int)SocketError.ConnectionReset);
            }

            return passed;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static int UnlessWaiting(int count, SocketError error) => error switch
    {
        SocketError.Success => count,
        SocketError.WouldBlock => 0,
        _ => throw new SocketException((int)error),
    };
}
