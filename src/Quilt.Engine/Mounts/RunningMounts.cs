using System.Globalization;
using Quilt.Core;
using Quilt.Linux;

namespace Quilt.Engine;

/// <summary>The mounts of a container whose root is there, changed from outside. Those inside may rename and link against it: every path is resolved once, within their root.</summary>
internal sealed class RunningMounts : IDisposable
{
    private const uint UsualFolder = 0x1ED; // 0755
    private static readonly string[] Ours = ["/proc", "/sys", "/dev"];
    private readonly ProcessIdentity _init;
    private readonly FileDescriptor _mounts, _users, _root;

    private RunningMounts(ProcessIdentity init, FileDescriptor mounts, FileDescriptor users, FileDescriptor root) => (_init, _mounts, _users, _root) = (init, mounts, users, root);

    /// <returns>Null where it has ended.</returns>
    internal static RunningMounts? TryOpen(ProcessIdentity init)
    {
        FileDescriptor? mounts = init.TryOpenMountNamespace(), users = init.TryOpenUserNamespace(), root = init.TryOpenRoot();
        if (mounts is not null && users is not null && root is not null)
        {
            return new RunningMounts(init, mounts, users, root);
        }

        mounts?.Dispose();
        users?.Dispose();
        root?.Dispose();
        return null;
    }

    internal bool Has(string path) => MountInfoEntry.Of(_init.Pid).Any(m => m.MountPoint == path);

    /// <summary>Opens the folder where something is to be mounted; one that is missing is made, as its root's.</summary>
    /// <returns>And where that really is, in the container.</returns>
    /// <exception cref="QuiltException">What is in the way there.</exception>
    internal (FileDescriptor Place, string Path) OpenPlace(string path, uint hostIdBase)
    {
        FileDescriptor place;
        try
        {
            place = MakeFolders(path, hostIdBase);
        }
        catch (SyscallException e)
        {
            throw e.Errno switch
            {
                Errno.ENOTDIR => QuiltException.Invalid("path", $"'{path}' leads to or through what is no folder in the container", "give the path of a folder, or of one that can be made"),
                Errno.EROFS => new QuiltException(ErrorCode.FailedPrecondition, $"there is no folder '{path}' in the container, and its root is read-only", "give the path of a folder that is there", "path"),
                Errno.ENOSPC or Errno.EDQUOT => new QuiltException(ErrorCode.ResourceExhausted, $"the folder '{path}' cannot be made: the container's disk is full", "give the path of a folder that is there", "path", e),
                _ => QuiltException.Invalid("path", $"'{path}' cannot be used in the container: {e.Errno.Meaning()}", "give the path of a folder"),
            };
        }

        try
        {
            string real = new FileInfo($"/proc/self/fd/{place.Number}").LinkTarget ?? path;
            if (real == "/" || Ours.Any(own => PathText.IsWithin(real, own)))
            {
                throw QuiltException.Invalid("path", $"'{path}' leads to '{real}', where nothing can be mounted", "give a folder outside of /proc, /sys and /dev");
            }

            if (Has(real))
            {
                throw new QuiltException(ErrorCode.AlreadyExists, $"something is mounted at '{real}' already", "give another path, or detach what is there", "path");
            }

            // It would be hidden, and nobody could detach it.
            return MountInfoEntry.Of(_init.Pid).FirstOrDefault(m => PathText.IsBelow(m.MountPoint, real)) is { } below
                ? throw new QuiltException(ErrorCode.FailedPrecondition, $"'{below.MountPoint}' is mounted below '{real}'", "give another path, or detach that first, and attach it after this", "path")
                : (place, real);
        }
        catch
        {
            place.Dispose();
            throw;
        }
    }

    /// <param name="mount">Detached; its ids become the container's.</param>
    internal void Attach(FileDescriptor mount, FileDescriptor place, bool readOnly)
    {
        Sys.MountSetAttributes(mount, MountAttribute.IdMap | (readOnly ? MountAttribute.ReadOnly : 0), 0, userNamespace: _users);
        ForeignMounts.Attach(_mounts, mount, place);
    }

    /// <summary>Takes away what shows the same as a mount of ours, wherever it has been renamed to, and nothing else.</summary>
    /// <param name="source">What is mounted there.</param>
    /// <param name="path">Where it was put.</param>
    /// <param name="others">Where others of the same were put, which stay.</param>
    /// <param name="lazily">See <see cref="ForeignMounts.Detach"/>.</param>
    /// <exception cref="SyscallException">EBUSY: something uses it, or it is renamed again and again.</exception>
    internal void Detach(FileDescriptor source, string path, IReadOnlyCollection<string> others, bool lazily)
    {
        long deadline = Environment.TickCount64 + (long)RootedPath.Patience.TotalMilliseconds;
        FileStatus what = Sys.Status(source);
        while (Find(what, path, others) is { } found)
        {
            // What is mounted on a name keeps that name in its folder, which is open: those inside exchange neither.
            using (found.Folder)
            {
                if (!ForeignMounts.Detach(_mounts, found.Folder, found.Name, lazily) && Environment.TickCount64 > deadline)
                {
                    throw new SyscallException("umount2", path, Errno.EBUSY);
                }
            }
        }
    }

    /// <returns>The folder and the name that it is mounted on; null where it is nowhere that can be reached.</returns>
    private (FileDescriptor Folder, string Name)? Find(FileStatus what, string path, IReadOnlyCollection<string> others)
    {
        foreach (string place in MountInfoEntry.Of(_init.Pid).Select(m => m.MountPoint).Where(p => p != "/" && !others.Contains(p)).OrderByDescending(p => p == path))
        {
            // A link on the way would lead to where something else is mounted.
            FileDescriptor? folder = Sys.TryOpenAt2(_root, Path.GetDirectoryName(place)!, OpenMode.Path | OpenMode.Directory, ResolveFlags.InRoot | ResolveFlags.NoSymbolicLinks, 0, out _);
            if (folder is null)
            {
                continue;
            }

            if (Shows(folder, Path.GetFileName(place), what))
            {
                return (folder, Path.GetFileName(place));
            }

            folder.Dispose();
        }

        return null;
    }

    private static bool Shows(FileDescriptor folder, string name, FileStatus what)
    {
        using FileDescriptor? there = Sys.TryOpenAt2(folder, name, OpenMode.Path | OpenMode.NoFollow, ResolveFlags.Beneath, 0, out _);
        return there is not null && Sys.Status(there) is { } status && status.Device == what.Device && status.Inode == what.Inode;
    }

    /// <summary>Processes that have something open below a path, as those inside number them.</summary>
    internal static IReadOnlyList<string> UsersOf(string path, IEnumerable<int> processes)
    {
        bool IsBelow(string? target) => target is not null && PathText.IsWithin(target, path);
        List<string> users = [];
        foreach (int pid in processes)
        {
            string folder = string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}");
            try
            {
                if (Directory.EnumerateFiles($"{folder}/fd").Concat([$"{folder}/cwd", $"{folder}/root", $"{folder}/exe"]).Any(link => IsBelow(new FileInfo(link).LinkTarget))
                    || File.ReadLines($"{folder}/maps").Any(line => line.IndexOf('/', StringComparison.Ordinal) is > 0 and int start && IsBelow(line[start..])))
                {
                    string inside = File.ReadLines($"{folder}/status").FirstOrDefault(l => l.StartsWith("NSpid:", StringComparison.Ordinal))?.Split('\t')[^1] ?? "?";
                    users.Add($"{Text.Printable(File.ReadAllText($"{folder}/comm").Trim())} (process {inside})");
                }
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // It has just ended.
            }
        }

        return users;
    }

    public void Dispose()
    {
        _mounts.Dispose();
        _users.Dispose();
        _root.Dispose();
    }

    private FileDescriptor MakeFolders(string path, uint hostIdBase)
    {
        const OpenMode folder = OpenMode.Path | OpenMode.Directory;
        if (RootedPath.TryOpen(_root, path, folder, 0, out Errno errno) is { } there)
        {
            return there;
        }

        if (errno != Errno.ENOENT)
        {
            throw new SyscallException("openat2", path, errno);
        }

        // Where another volume or a tmpfs lies above, none but the container's own ids can make anything.
        return FileThread.RunAsync(hostIdBase, () => MakeMissing(path)).GetAwaiter().GetResult();
    }

    private FileDescriptor MakeMissing(string path)
    {
        const OpenMode folder = OpenMode.Path | OpenMode.Directory;
        string[] names = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        FileDescriptor at = RootedPath.Open(_root, ".", folder);
        for (int i = 0; i < names.Length; i++)
        {
            using FileDescriptor above = at;
            string prefix = string.Join('/', names, 0, i + 1);
            if (RootedPath.TryOpen(_root, prefix, folder, 0, out Errno errno) is { } next)
            {
                at = next;
                continue;
            }

            if (errno != Errno.ENOENT || !Sys.TryMakeFolderAt(above, names[i], UsualFolder))
            {
                throw new SyscallException("openat2", prefix, errno); // a link to nothing is not followed to make its target
            }

            at = Sys.OpenAt2(above, names[i], folder | OpenMode.NoFollow, ResolveFlags.Beneath);
        }

        return at;
    }
}
