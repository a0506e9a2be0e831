namespace Quilt.Linux;

/// <summary>The disk's end, whichever way it is told.</summary>
public static class DiskFull
{
    public static bool Is(Exception e) => e switch
    {
        SyscallException call => call.Errno is Errno.ENOSPC or Errno.EDQUOT,
        IOException io => (io.HResult & 0xFFFF) is (int)Errno.ENOSPC or (int)Errno.EDQUOT,
        _ => false,
    };

    /// <summary>Also where it is told as something else.</summary>
    public static bool IsCauseOf(Exception e) => Is(e) || (e.InnerException is { } inner && IsCauseOf(inner));
}
