namespace Quilt.Linux;

public static unsafe partial class Sys
{
    internal const int RemoveDirectoryFlag = 0x200;

    /// <summary>mkdir(2); one that exists is fine.</summary>
    public static void MakeDirectory(string path, uint mode)
    {
        if (LibC.mkdirat(AtFdCwd, path, mode) < 0 && LastErrno() != Errno.EEXIST)
        {
            throw SyscallException.Last("mkdir", path);
        }
    }

    /// <summary>mkdir(2); false where it exists.</summary>
    public static bool TryMakeDirectory(string path, uint mode)
    {
        if (LibC.mkdirat(AtFdCwd, path, mode) >= 0)
        {
            return true;
        }

        return LastErrno() == Errno.EEXIST ? false : throw SyscallException.Last("mkdir", path);
    }

    /// <summary>Makes <paramref name="relative"/> below <paramref name="root"/> with what is missing on the way.</summary>
    public static void MakeDirectories(string root, string relative, uint mode)
    {
        // The usual case is one missing folder in one that exists.
        if (LibC.mkdirat(AtFdCwd, $"{root}/{relative}", mode) >= 0 || LastErrno() == Errno.EEXIST)
        {
            return;
        }

        string path = root;
        foreach (string part in relative.Split('/'))
        {
            path += "/" + part;
            MakeDirectory(path, mode);
        }
    }

    /// <summary>rmdir(2); one that is gone counts as removed.</summary>
    public static bool TryRemoveDirectory(string path, out Errno errno)
    {
        bool removed = LibC.unlinkat(AtFdCwd, path, RemoveDirectoryFlag) >= 0 || LastErrno() == Errno.ENOENT;
        errno = removed ? Errno.None : LastErrno();
        return removed;
    }

    public static void ChangeFolder(string path) => Check(LibC.chdir(path), "chdir", path);

    /// <summary>Does something with this process, all its threads, in another working folder.</summary>
    public static T InFolder<T>(string path, Func<T> act)
    {
        using FileDescriptor before = Open(".", OpenMode.Path | OpenMode.Directory);
        ChangeFolder(path);
        try
        {
            return act();
        }
        finally
        {
            Check(LibC.fchdir(before.Number), "fchdir", null);
        }
    }

    /// <summary>Waits where the kernel offers no event to wait for.</summary>
    /// <param name="time">Less than a second.</param>
    public static void Pause(TimeSpan time)
    {
        long* duration = stackalloc long[] { 0, time.Ticks * TimeSpan.NanosecondsPerTick };
        _ = LibC.nanosleep(duration, null);
    }
}
