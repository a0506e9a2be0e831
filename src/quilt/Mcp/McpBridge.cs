using System.Runtime.InteropServices;
using System.Text;
using Google.Protobuf;
using Grpc.Core;
using Quilt.Api.V1;
using Quilt.Core;
using Quilt.Linux;

namespace Quilt.Cli;

/// <summary>Between lines of JSON-RPC and the daemon's stream of it.</summary>
internal sealed class McpBridge : IDisposable
{
    private const int ChunkBytes = 64 * 1024;
    private const long NotAsked = -1, PatienceMilliseconds = 1000;
    private static PosixSignalRegistration[]? s_signals;
    private readonly AsyncDuplexStreamingCall<IMessage, IMessage> _call;
    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly CancellationTokenSource _unread = new();
    private bool _lazy, _completed;
    private QuiltException? _refused;
    private long _askedAt = NotAsked;

    internal McpBridge(AsyncDuplexStreamingCall<IMessage, IMessage> call, bool lazy) => (_call, _lazy) = (call, lazy);

    /// <summary>Returns when the daemon has ended the stream, which it does when we have ended ours and all is answered.</summary>
    /// <exception cref="RpcException">The daemon refused it, or has gone.</exception>
    /// <exception cref="QuiltException">InvalidArgument: what comes in is no line.</exception>
    /// <exception cref="BrokenPipeException">Nobody reads the answers.</exception>
    /// <param name="answers">Writes to the output.</param>
    internal async Task RunAsync(FileDescriptor input, FileDescriptor output, Stream answers)
    {
        // A client ends us by closing our stdin, or by a signal where it does not care to: the session ends in either case, and is no orphan.
        // Not given back: the second of two that come at once would end us otherwise, while we end in order.
        s_signals = [EndAt(PosixSignal.SIGTERM), EndAt(PosixSignal.SIGINT), EndAt(PosixSignal.SIGHUP)];
        new Thread(() => Pump(input, output)) { IsBackground = true, Name = "stdin" }.Start();
        try
        {
            while (await _call.ResponseStream.MoveNext(_unread.Token).ConfigureAwait(false))
            {
                answers.Write(Line(((McpMessage)_call.ResponseStream.Current).Json));
            }
        }
        catch (Exception e) when (_unread.IsCancellationRequested && e is RpcException or OperationCanceledException)
        {
            throw new BrokenPipeException();
        }

        if (Volatile.Read(ref _refused) is { } refused)
        {
            throw refused;
        }
    }

    /// <summary>A message as a line. JSON has line ends between its tokens alone, where a blank does as well.</summary>
    internal static byte[] Line(string json) => Encoding.UTF8.GetBytes(json.Replace('\n', ' ').Replace('\r', ' ') + '\n');

    public void Dispose()
    {
        _call.Dispose();
        _turn.Dispose();
        _unread.Dispose();
    }

    /// <summary>
    /// The first asks for an orderly end. Who asks once more after a while is not to be held up; but one who ends a process and its
    /// whole group sends two at once, as timeout(1) does.
    /// </summary>
    private PosixSignalRegistration EndAt(PosixSignal signal) => PosixSignalRegistration.Create(signal, context =>
    {
        long now = Environment.TickCount64, first = Interlocked.CompareExchange(ref _askedAt, now, NotAsked);
        context.Cancel = first == NotAsked || now - first < PatienceMilliseconds;
        _ = CompleteAsync();
    });

    private void Pump(FileDescriptor input, FileDescriptor output)
    {
        byte[] buffer = new byte[ChunkBytes];
        LineSplitter lines = new();
        try
        {
            int count;
            while ((count = Sys.ReadShared(input, buffer, "stdin")) > 0)
            {
                foreach (string line in lines.Add(buffer.AsSpan(0, count)))
                {
                    SendAsync(line).GetAwaiter().GetResult();
                }
            }

            if (lines.Rest() is { } last)
            {
                SendAsync(last).GetAwaiter().GetResult();
            }
        }
        catch (QuiltException e)
        {
            Volatile.Write(ref _refused, e); // told when what came before is answered
        }
        catch (SyscallException)
        {
            // A descriptor that was closed: there is no more input.
        }
        catch (Exception e) when (e is RpcException or InvalidOperationException or ObjectDisposedException)
        {
            return; // the stream has ended, and says itself why
        }

        CompleteAsync().GetAwaiter().GetResult();
        EndWhenUnread(output);
    }

    /// <summary>
    /// What is under way is answered; but a client that has died reads no answer, and what it asked for may take hours. One that has
    /// closed both sides has ended its session in order, which the daemon is given the time to do.
    /// </summary>
    private void EndWhenUnread(FileDescriptor output)
    {
        try
        {
            Sys.WaitUnread(output);
            _unread.CancelAfter(TimeSpan.FromMilliseconds(PatienceMilliseconds));
        }
        catch (ObjectDisposedException)
        {
            // All was answered meanwhile.
        }
    }

    private async Task SendAsync(string json)
    {
        await _turn.WaitAsync().ConfigureAwait(false);
        try
        {
            if (!_completed)
            {
                await _call.RequestStream.WriteAsync(new McpMessage { Json = json, Lazy = _lazy }).ConfigureAwait(false);
                _lazy = false;
            }
        }
        finally
        {
            _turn.Release();
        }
    }

    private async Task CompleteAsync()
    {
        try
        {
            await _turn.WaitAsync().ConfigureAwait(false);
            try
            {
                if (!_completed)
                {
                    _completed = true;
                    await _call.RequestStream.CompleteAsync().ConfigureAwait(false);
                }
            }
            finally
            {
                _turn.Release();
            }
        }
        catch (Exception e) when (e is RpcException or InvalidOperationException or ObjectDisposedException)
        {
            // The stream has ended already.
        }
    }
}
