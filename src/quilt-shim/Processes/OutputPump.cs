using Quilt.Linux;
using Quilt.Shim.Contract;

namespace Quilt.Shim;

/// <summary>Takes what a process writes to one of its outputs.</summary>
internal sealed class OutputPump : IDisposable
{
    private static readonly byte[] s_buffer = new byte[LogRecordHeader.MaxPayload];
    private readonly FileDescriptor _source;
    private readonly LogStream _stream;
    private readonly Action<LogStream, ReadOnlySpan<byte>> _take;
    private FileWatch? _watch;

    internal OutputPump(EventLoop loop, FileDescriptor source, LogStream stream, Action<LogStream, ReadOnlySpan<byte>> take)
    {
        (_source, _stream, _take) = (source, stream, take);
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

    /// <summary>Takes all that is there at the moment.</summary>
    internal void Drain()
    {
        while (ReadOnce())
        {
        }
    }

    public void Dispose()
    {
        _watch?.Dispose();
        _watch = null;
        _source.Dispose();
    }

    private bool ReadOnce()
    {
        if (_watch is null)
        {
            return false;
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

        return count > 0;
    }
}
