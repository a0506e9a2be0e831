using System.Globalization;
using Quilt.Linux;

namespace Quilt.Launch;

/// <summary>The file that this process runs.</summary>
public static class OwnProgram
{
    private const string Self = "/proc/self/exe";

    /// <summary>Tells this build from another one: the file's inode, size and time of change.</summary>
    public static string Identity => field ??= ReadIdentity();

    private static string ReadIdentity()
    {
        using FileDescriptor self = Sys.Open(Self, OpenMode.Path);
        FileStatus status = Sys.Status(self);
        return string.Create(CultureInfo.InvariantCulture, $"{status.Inode}:{status.SizeBytes}:{status.Modified.Seconds}.{status.Modified.Nanoseconds}");
    }
}
