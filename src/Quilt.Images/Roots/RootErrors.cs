using Quilt.Core;
using Quilt.Linux;

namespace Quilt.Images;

/// <summary>What the kernel refuses in a live root, said to whoever named the path.</summary>
internal static class RootErrors
{
    internal static QuiltException Of(SyscallException e, string path)
    {
        string named = $"'{Text.Printable(path)}'";
        (ErrorCode code, string message, string remedy) = e.Errno switch
        {
            Errno.ENOSPC or Errno.EDQUOT => (ErrorCode.ResourceExhausted, $"there is no space left for {named}", "make space there, or give the container more disk (a volume keeps its size); then copy again"),
            Errno.EROFS => (ErrorCode.FailedPrecondition, $"{named} is read-only", "copy to a folder that the container may write to, such as a volume"),
            Errno.ENOENT => (ErrorCode.NotFound, $"there is no {named}", "give the path of what is there; folders on the way are not made unless asked for"),
            Errno.ENOTDIR => (ErrorCode.FailedPrecondition, $"{named} lies in what is no folder", "give a path whose parents are folders"),
            Errno.EISDIR => (ErrorCode.FailedPrecondition, $"{named} is a folder, and a file does not take its place", "give another name, or remove the folder first"),
            Errno.EBUSY => (ErrorCode.FailedPrecondition, $"{named} is mounted by itself and cannot be replaced", "copy to another path, or write into it by an exec"),
            Errno.EPERM or Errno.EACCES => (ErrorCode.PermissionDenied, $"{named} may not be changed by the container's root", "copy to what belongs to the container"),
            Errno.EXDEV => (ErrorCode.FailedPrecondition, $"{named} is a hard link to a file that lies on another mount", "copy what lies on each mount by itself"),
            Errno.ELOOP => (ErrorCode.InvalidArgument, $"{named} lies behind links that lead nowhere", "give a path whose links lead somewhere"),
            Errno.EAGAIN => (ErrorCode.Aborted, $"{named} was changed again and again meanwhile, or is held by a program", "pause or stop the container, then copy again"),
            Errno.ENAMETOOLONG or Errno.EINVAL => (ErrorCode.InvalidArgument, $"{named} is no path that a file can have", "give a shorter path, without NUL"),
            _ => (ErrorCode.FailedPrecondition, $"{named} cannot be copied: {e.Errno.Meaning()}", "look at it in the container"),
        };
        return new QuiltException(code, message, remedy, "path", e);
    }

    internal static QuiltException NotOwn(string path) => Strange(path, "change it", "copy to what belongs to the container");

    internal static QuiltException OfMemory(string path) => new(
        ErrorCode.FailedPrecondition, $"'{Text.Printable(path)}' lies in memory, which the container has only while it runs", "start it, then copy; or copy to a folder on a disk", "path");

    internal static QuiltException NotReadable(string path) => Strange(path, "read it", "copy what belongs to the container");

    private static QuiltException Strange(string path, string what, string remedy) => new(
        ErrorCode.PermissionDenied, $"'{Text.Printable(path)}' belongs to nobody in the container, and its root may not {what}", remedy, "path");
}
