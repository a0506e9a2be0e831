using Quilt.Core;
using Quilt.Linux;

namespace Quilt.Cli;

/// <summary>Writes to one of our standard descriptors, whatever state others have put it in.</summary>
internal sealed class DescriptorStream(FileDescriptor file, string name) : WritingStream
{
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
}

/// <summary>The reader of our output has gone; we go too, without a word.</summary>
internal sealed class BrokenPipeException() : Exception("the reader is gone");
