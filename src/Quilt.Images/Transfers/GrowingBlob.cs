using Quilt.Core;
using System.Runtime.ExceptionServices;
using Microsoft.Win32.SafeHandles;

namespace Quilt.Images;

/// <summary>A blob's file that one writes from its beginning to its end while others read along.</summary>
internal sealed class GrowingBlob(SafeFileHandle file) : IDisposable
{
    private readonly object _changed = new();
    private long _length;
    private bool _complete;
    private Exception? _failure;

    /// <summary>So much may be read.</summary>
    internal void Grow(long length)
    {
        lock (_changed)
        {
            _length = length;
            Monitor.PulseAll(_changed);
        }
    }

    /// <summary>It is whole and verified: readers come to its end.</summary>
    internal void Complete()
    {
        lock (_changed)
        {
            _complete = true;
            Monitor.PulseAll(_changed);
        }
    }

    /// <summary>There will be no more: readers get the failure.</summary>
    internal void Fail(Exception failure)
    {
        lock (_changed)
        {
            _failure ??= failure;
            Monitor.PulseAll(_changed);
        }
    }

    /// <summary>Reads from the beginning, and waits for what is not there yet.</summary>
    internal Stream OpenRead() => new Reader(this);

    public void Dispose()
    {
        Fail(new ObjectDisposedException(nameof(GrowingBlob)));
        file.Dispose();
    }

    /// <returns>0 at the end of the blob.</returns>
    private long WaitBeyond(long position)
    {
        lock (_changed)
        {
            while (_length <= position && !_complete && _failure is null)
            {
                Monitor.Wait(_changed);
            }

            if (_length > position)
            {
                return _length - position;
            }

            if (_failure is not null)
            {
                ExceptionDispatchInfo.Throw(_failure);
            }

            return 0;
        }
    }

    private sealed class Reader(GrowingBlob blob) : ReadingStream
    {
        private long _position;

        public override int Read(Span<byte> buffer)
        {
            long there = blob.WaitBeyond(_position);
            int count = there == 0 ? 0 : RandomAccess.Read(blob.File, buffer[..(int)Math.Min(buffer.Length, there)], _position);
            _position += count;
            return count;
        }
    }

    private SafeFileHandle File => file;
}
