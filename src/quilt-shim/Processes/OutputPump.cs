using Quilt.Linux;
using Quilt.Shim.Contract;

namespace Quilt.Shim;

/// <summary>Takes what a process writes to one of its outputs.</summary>
internal sealed class OutputPump : IDisposable
{
    private static readonly byte[] s_buffer = new byte[LogRecordHeader.MaxPayload];

    // All that one holds (tty_buffer.c): it does not tell how much of that there is.
    private const long TerminalBytes = 64 << 10;
    private readonly FileDescriptor _source;
    private readonly bool _terminal;
    private readonly LogStream _stream;
    private readonly Action<LogStream, ReadOnlySpan<byte>> _take;
    private FileWatch? _watch;

    internal OutputPump(EventLoop loop, FileDescriptor source, LogStream stream, Action<LogStream, ReadOnlySpan<byte>> take, bool terminal = false)
    {
        (_source, _stream, _take, _terminal) = (source, stream, take, terminal);
        Sys.SetNonBlocking(source);
        _watch = loop.Watch(source, EventKind.Readable, _ => ReadOnce());
    }

    /// <summary>Leaves what comes where it is, so that the process waits.</summary>
    internal void SetPaused(bool paused)
    {
        if (_watch is not null)
        {
            _watch.Kinds = paused ? EventKind.None : EventKind.Readable;
        }
    }

    /// <summary>Takes what is there at the moment, and no more: others may have the pipe too and write on for ever.</summary>
    internal void Drain()
    {
        long left = _watch is null ? 0 : _terminal ? TerminalBytes : Sys.Waiting(_source);
        while (left > 0 && ReadOnce() is var count and > 0)
        {
            left -= count;
        }
    }

    public void Dispose()
    {
        _watch?.Dispose();
        _watch = null;
        _source.Dispose();
    }

    /// <returns>How many bytes; none where there are none, or never will be.</returns>
    private int ReadOnce()
    {
        if (_watch is null)
        {
            return 0;
        }

        int count = Sys.TryRead(_source, s_buffer);
        if (count == 0)
        {
            Dispose();
        }
        else if (count > 0)
        {
            _take(_stream, s_buffer.AsSpan(0, count));
        }

        return Math.Max(count, 0);
    }
}
