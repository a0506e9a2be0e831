using Quilt.Core;
using Quilt.Linux;

namespace Quilt.Images;

/// <summary>The disk's end, whichever way it is told.</summary>
internal static class DiskFull
{
    internal static bool Is(Exception e) => e switch
    {
        SyscallException call => call.Errno is Errno.ENOSPC or Errno.EDQUOT,
        IOException io => (io.HResult & 0xFFFF) is (int)Errno.ENOSPC or (int)Errno.EDQUOT,
        _ => false,
    };

    internal static QuiltException Error(Exception e) =>
        new(ErrorCode.ResourceExhausted, "no space is left for the image", "free space in the state folder, or remove images that nothing uses", inner: e);
}
