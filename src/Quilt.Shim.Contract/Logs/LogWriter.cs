using Quilt.Linux;

namespace Quilt.Shim.Contract;

/// <summary>Appends what a process writes to files that are rotated by size. The only writer of its folder.</summary>
public sealed class LogWriter : IDisposable
{
    private readonly string _folder;
    private readonly long _maxBytes;
    private readonly int _maxFiles;
    private readonly byte[] _record = new byte[LogRecordHeader.Size + LogRecordHeader.MaxPayload];
    private long _sequence, _size, _lostBytes;
    private FileDescriptor _file;

    /// <summary>Goes on in a new file after those that are there.</summary>
    /// <param name="maxBytes">A file is closed when it would grow beyond that.</param>
    /// <param name="maxFiles">The oldest are deleted beyond that; at least 1.</param>
    public LogWriter(string folder, long maxBytes, int maxFiles)
    {
        (_folder, _maxBytes, _maxFiles) = (folder, maxBytes, Math.Max(1, maxFiles));
        Directory.CreateDirectory(folder);
        _sequence = LogRecordHeader.Files(folder) is [.., long last] ? last + 1 : 1;
        _file = OpenFile();
    }

    /// <summary>Keeps the bytes. On a full disk they are lost, the process goes on, and how many is logged when there is space again.</summary>
    public void Append(LogStream stream, ReadOnlySpan<byte> payload)
    {
        while (!payload.IsEmpty)
        {
            ReadOnlySpan<byte> part = payload[..Math.Min(payload.Length, LogRecordHeader.MaxPayload)];
            payload = payload[part.Length..];
            if (_lostBytes > 0 && TryAppend(LogStream.Notice, System.Text.Encoding.UTF8.GetBytes($"{_lostBytes} bytes of output could not be kept: no space on the disk\n")))
            {
                _lostBytes = 0;
            }

            if (_lostBytes > 0 || !TryAppend(stream, part))
            {
                _lostBytes += part.Length;
            }
        }
    }

    public void Dispose() => _file.Dispose();

    private bool TryAppend(LogStream stream, ReadOnlySpan<byte> payload)
    {
        int length = LogRecordHeader.Size + payload.Length;
        try
        {
            if (_size > 0 && _size + length > _maxBytes)
            {
                Rotate();
            }

            new LogRecordHeader(LogRecordHeader.NanosecondsNow(), payload.Length, stream).Write(_record);
            payload.CopyTo(_record.AsSpan(LogRecordHeader.Size));
            Sys.WriteAll(_file, _record.AsSpan(0, length), "log");
            _size += length;
            return true;
        }
        catch (SyscallException)
        {
            // What was written of the record goes, so that the next one begins where a record may begin.
            Sys.Truncate(_file, _size);
            return false;
        }
    }

    private void Rotate()
    {
        _sequence++;
        FileDescriptor next;
        try
        {
            next = OpenFile();
        }
        catch
        {
            _sequence--;
            throw;
        }

        _file.Dispose();
        (_file, _size) = (next, 0);
        try
        {
            foreach (long old in LogRecordHeader.Files(_folder).Where(n => n <= _sequence - _maxFiles))
            {
                File.Delete(Path.Combine(_folder, LogRecordHeader.FileName(old)));
            }
        }
        catch (IOException)
        {
            // Such as without descriptors: they go with the next rotation.
        }
    }

    private FileDescriptor OpenFile() => Sys.Open(
        Path.Combine(_folder, LogRecordHeader.FileName(_sequence)), OpenMode.WriteOnly | OpenMode.Create | OpenMode.Append, 0x180);
}
