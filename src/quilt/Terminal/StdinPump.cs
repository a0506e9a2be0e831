using Grpc.Core;
using Quilt.Api.V1;
using Quilt.Linux;

namespace Quilt.Cli;

/// <summary>
/// Copies our stdin into a stream until its end, which it passes on. It has a thread of its own: a read of a terminal or a pipe
/// cannot be cancelled, and must not hold the process back when the command has ended.
/// </summary>
internal static class StdinPump
{
    private const int ChunkBytes = 64 * 1024;

    /// <param name="keys">Typed, they end the copying; null where none do.</param>
    /// <param name="leave">What is done then.</param>
    internal static void Start(FileDescriptor stdin, InputSender sender, DetachKeys? keys, Action leave) =>
        new Thread(() => Copy(stdin, sender, keys, leave)) { IsBackground = true, Name = "stdin" }.Start();

    private static void Copy(FileDescriptor stdin, InputSender sender, DetachKeys? keys, Action leave)
    {
        byte[] buffer = new byte[ChunkBytes];
        try
        {
            int count;
            while ((count = Sys.ReadShared(stdin, buffer, "stdin")) > 0)
            {
                bool typed = false;
                ReadOnlyMemory<byte> input = keys is null ? buffer.AsMemory(0, count) : keys.Filter(buffer.AsSpan(0, count), out typed);
                if (!input.IsEmpty)
                {
                    // The buffer is used again only when the message is out.
                    sender.SendBytesAsync(input).GetAwaiter().GetResult();
                }

                if (typed)
                {
                    leave();
                    return;
                }
            }
        }
        catch (SyscallException)
        {
            // A terminal that hung up, or a closed descriptor: there is no more input.
        }
        catch (Exception e) when (e is RpcException or InvalidOperationException or ObjectDisposedException)
        {
            return; // the command has ended, and its exit is on its way
        }

        sender.TrySendAsync(new StreamInput { CloseStdin = true }).GetAwaiter().GetResult();
    }
}
