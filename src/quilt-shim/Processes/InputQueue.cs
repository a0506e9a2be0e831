using Quilt.Linux;

namespace Quilt.Shim;

/// <summary>What clients send to a process's stdin, kept until the process takes it.</summary>
internal sealed class InputQueue : IDisposable
{
    private const int FullBytes = 256 << 10;
    private const byte EndOfTransmission = 4;

    private readonly FileDescriptor _target;
    private readonly bool _terminal;
    private readonly FileWatch _watch;
    private readonly ByteQueue _waiting = new();
    private bool _closing, _closed;

    internal InputQueue(EventLoop loop, FileDescriptor target, bool terminal)
    {
        (_target, _terminal) = (target, terminal);
        Sys.SetNonBlocking(target);
        _watch = loop.Watch(target, EventKind.None, _ => Flush());
    }

    /// <summary>It is full no more.</summary>
    internal event Action? Drained;

    internal bool IsFull => _waiting.Count > FullBytes;
    internal bool IsClosed => _closing || _closed;

    internal void Write(ReadOnlySpan<byte> bytes)
    {
        if (!IsClosed)
        {
            _waiting.Append(bytes);
            Flush();
        }
    }

    /// <summary>Ends the input when all of it is taken. A terminal stays open: it gets the character that means the end.</summary>
    internal void Close()
    {
        if (IsClosed)
        {
            return;
        }

        if (_terminal)
        {
            Write([EndOfTransmission]);
            return;
        }

        _closing = true;
        Flush();
    }

    public void Dispose()
    {
        if (!_closed)
        {
            _closed = true;
            _watch.Dispose();
            _target.Dispose();
        }
    }

    private void Flush()
    {
        if (_closed)
        {
            return;
        }

        bool wasFull = IsFull;
        while (_waiting.Count > 0)
        {
            int written = Sys.TryWrite(_target, _waiting.Content.Span);
            if (written == 0)
            {
                break;
            }

            if (written < 0)
            {
                // Nobody will read it: the rest is for nobody.
                Dispose();
                _waiting.Skip(_waiting.Count);
                Drained?.Invoke();
                return;
            }

            _waiting.Skip(written);
        }

        if (_closing && _waiting.Count == 0)
        {
            Dispose();
            return;
        }

        _watch.Kinds = _waiting.Count > 0 ? EventKind.Writable : EventKind.None;
        if (wasFull && !IsFull)
        {
            Drained?.Invoke();
        }
    }
}
