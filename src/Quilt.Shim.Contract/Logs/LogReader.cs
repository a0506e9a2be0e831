using System.Buffers;
using Microsoft.Win32.SafeHandles;

namespace Quilt.Shim.Contract;

/// <summary>Reads a log's lines in the order they were written, while it may be being written. Keeps one record in memory.</summary>
public sealed class LogReader(string folder) : IDisposable
{
    private readonly Dictionary<LogStream, Pending> _pending = [];
    private readonly byte[] _record = new byte[LogRecordHeader.MaxPayload];
    private SafeFileHandle? _file;
    private long _open;

    /// <summary>Where the next <see cref="Read"/> goes on.</summary>
    public LogCursor Position { get; set; }

    /// <summary>Some of what comes after where it began to read is not kept any more.</summary>
    public bool Missed { get; private set; }

    /// <summary>Every line from <see cref="Position"/> to the present end. What a stream wrote without a newline comes last, as it is.</summary>
    public IEnumerable<LogEntry> Read()
    {
        while (TryReadRecord(out LogRecordHeader header))
        {
            int start = Math.Min(Position.Skip, header.Length);
            while (start < header.Length)
            {
                int newline = _record.AsSpan(start, header.Length - start).IndexOf((byte)'\n');
                int end = newline < 0 ? header.Length : start + newline + 1;

                // Another stream's beginning of a line comes first: places in the log only grow.
                foreach (LogEntry other in Flush(except: header.Stream))
                {
                    yield return other;
                }

                LogCursor next = end < header.Length
                    ? Position with { Skip = end }
                    : new LogCursor(Position.File, Position.Offset + LogRecordHeader.Size + header.Length, 0);
                LogEntry? whole = Join(header, _record.AsSpan(start, end - start), next, complete: newline >= 0);
                if (whole is not null)
                {
                    yield return whole;
                }

                start = end;
            }

            Position = new LogCursor(Position.File, Position.Offset + LogRecordHeader.Size + header.Length, 0);
        }

        foreach (LogEntry rest in Flush(except: null))
        {
            yield return rest;
        }
    }

    public void Dispose() => _file?.Dispose();

    private LogEntry? Join(LogRecordHeader header, ReadOnlySpan<byte> bytes, LogCursor next, bool complete)
    {
        Pending? begun = _pending.GetValueOrDefault(header.Stream);
        if (begun is null && complete)
        {
            return new LogEntry(header.Time, header.Stream, bytes.ToArray(), next);
        }

        // A line may come byte by byte: what is there of it grows, and is not copied for each.
        begun ??= _pending[header.Stream] = new Pending(header.Time);
        begun.Data.Write(bytes);
        begun.Next = next;
        if (complete || begun.Data.WrittenCount >= LogRecordHeader.MaxPayload)
        {
            _pending.Remove(header.Stream);
            return begun.ToEntry(header.Stream);
        }

        return null;
    }

    private IEnumerable<LogEntry> Flush(LogStream? except)
    {
        foreach ((LogStream stream, Pending begun) in _pending.Where(p => p.Key != except).OrderBy(p => p.Value.Next.Offset).ToArray())
        {
            _pending.Remove(stream);
            yield return begun.ToEntry(stream);
        }
    }

    /// <summary>The record at the position, moving on to the next file at the end of one that is complete.</summary>
    private bool TryReadRecord(out LogRecordHeader header)
    {
        header = default;
        while (TryOpen())
        {
            if (TryReadHere(out header))
            {
                return true;
            }

            // The end, a record that is being written, or one that a crash cut off. Only where there is a next file is this one
            // done, and even then the writer may have added to it between our look and its rotation.
            long next = LogRecordHeader.Files(folder).FirstOrDefault(n => n > Position.File);
            if (next == 0)
            {
                return false;
            }

            if (TryReadHere(out header))
            {
                return true;
            }

            Position = new LogCursor(next, 0, 0);
        }

        return false;
    }

    private bool TryReadHere(out LogRecordHeader header)
    {
        Span<byte> head = stackalloc byte[LogRecordHeader.Size];
        header = default;
        return RandomAccess.Read(_file!, head, Position.Offset) == LogRecordHeader.Size
            && LogRecordHeader.TryRead(head, out header)
            && RandomAccess.Read(_file!, _record.AsSpan(0, header.Length), Position.Offset + LogRecordHeader.Size) == header.Length;
    }

    /// <summary>Opens the position's file, or the oldest that is kept where rotation has taken that one away.</summary>
    private bool TryOpen()
    {
        if (_file is not null && _open == Position.File)
        {
            return true;
        }

        foreach (long candidate in LogRecordHeader.Files(folder).Where(n => n >= Position.File))
        {
            try
            {
                SafeFileHandle file = File.OpenHandle(Path.Combine(folder, LogRecordHeader.FileName(candidate)), FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
                _file?.Dispose();
                (_file, _open) = (file, candidate);
                if (candidate != Position.File)
                {
                    Missed |= candidate > Position.File + 1 || Position.File > 0;
                    Position = new LogCursor(candidate, 0, 0);
                }

                return true;
            }
            catch (FileNotFoundException)
            {
                // Rotated away meanwhile: the next one.
            }
        }

        return false;
    }

    /// <summary>The beginning of a line.</summary>
    private sealed class Pending(DateTimeOffset time)
    {
        internal ArrayBufferWriter<byte> Data { get; } = new();
        internal LogCursor Next { get; set; }

        internal LogEntry ToEntry(LogStream stream) => new(time, stream, Data.WrittenSpan.ToArray(), Next);
    }
}
