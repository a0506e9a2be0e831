using Quilt.Linux;

namespace Quilt.Cli;

/// <summary>Writes to one of our standard descriptors, whatever state others have put it in.</summary>
internal sealed class DescriptorStream(FileDescriptor file, string name) : Stream
{
    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <exception cref="BrokenPipeException">Nobody reads it any more.</exception>
    public override void Write(ReadOnlySpan<byte> buffer)
    {
        try
        {
            Sys.WriteShared(file, buffer, name);
        }
        catch (SyscallException e) when (e.Errno == Errno.EPIPE)
        {
            throw new BrokenPipeException();
        }
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Flush()
    {
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();
}

/// <summary>The reader of our output has gone; we go too, without a word.</summary>
internal sealed class BrokenPipeException() : Exception("the reader is gone");
