namespace Quilt.Linux;

/// <summary>Copies many files' content from one place to another: shares the blocks until the file system has refused that once, and has the kernel copy from then on.</summary>
public sealed class ContentCopy(CancellationToken cancellation)
{
    private bool _shares = true;

    /// <param name="status">What <paramref name="from"/> is.</param>
    /// <param name="to">Empty, open for writing.</param>
    /// <returns>The bytes that it holds now, without holes; of shared ones all.</returns>
    /// <exception cref="SyscallException">ENOSPC, EDQUOT, EIO.</exception>
    public long Copy(FileDescriptor from, FileStatus status, FileDescriptor to)
    {
        if (status.SizeBytes == 0)
        {
            return 0;
        }

        _shares = _shares && Sys.TryShareContent(from, to);
        return _shares ? (long)status.SizeBytes : Sys.CopyContent(from, status, to, cancellation);
    }
}
