using Quilt.Core;
using Quilt.Linux;

namespace Quilt.Images;

/// <summary>
/// A tree of files that others change while we work in it: a container's root, or a folder of the host's. Each path is resolved by the
/// kernel with the tree's root as <c>/</c>, and what it led to is held by a descriptor: nothing in the tree leads out of it.
/// </summary>
/// <remarks>
/// Of a container's, no more is read or changed than its own root might: what belongs to none of its ids, such as a file of the host's on
/// a mount, is looked at as everybody may. See docs/decisions/0009.
/// </remarks>
public sealed class LiveRoot : IDisposable
{
    private const uint OthersWrite = 0x2, OthersRead = 0x4;
    private const int MostLinks = 40;
    private readonly HashSet<DeviceNumber> _passing = [];

    // As the kernel shows an owner that a container's range does not have (user_namespaces(7)).
    private const uint Nobody = 65534;

    // Of file systems whose files are the kernel's own: reading asks it, writing commands it (linux/magic.h).
    private static readonly HashSet<ulong> NotFiles =
    [
        Sys.ProcfsMagic, Sys.Cgroup2Magic, 0x62656572 /* sysfs */, 0x27E0EB /* cgroup */, 0x1CD1 /* devpts */, 0x19800202 /* mqueue */, 0x64626720 /* debugfs */,
        0x74726163 /* tracefs */, 0x73636673 /* securityfs */, 0xCAFE4A11 /* bpf */, 0x6E736673 /* nsfs */, 0x62656570 /* configfs */, 0x42494E4D /* binfmt_misc */,
        0x6165676C /* pstore */, 0xF97CFF8C /* selinuxfs */, 0xDE5E81E4 /* efivarfs */,
    ];

    /// <param name="root">Ours from now on; O_PATH is enough.</param>
    /// <param name="firstId">The host's number of the container's root; null: ids are the host's own, and all may be changed.</param>
    /// <param name="mostMemoryBytes">So much a file system in memory may hold: what we write there is counted as nobody's. 0 is no limit.</param>
    public LiveRoot(FileDescriptor root, uint? firstId = null, long mostMemoryBytes = 0) => (Root, FirstId, MostMemoryBytes) = (root, firstId, mostMemoryBytes);

    /// <summary>Where the container has file systems in memory that end with this root: what comes there would be lost, and is refused. Empty: nowhere.</summary>
    public IReadOnlyList<string> PassingMemory
    {
        init => _passing = [.. value.Select(DeviceOfMemory).OfType<DeviceNumber>()];
    }

    internal FileDescriptor Root { get; }
    internal uint? FirstId { get; }
    internal long MostMemoryBytes { get; }

    public void Dispose() => Root.Dispose();

    /// <summary>What a path leads to (O_PATH).</summary>
    /// <param name="follow">Whether a link at its end is followed too.</param>
    /// <returns>Null where nothing is there, or something on the way is no folder.</returns>
    internal FileDescriptor? TryOpen(string path, bool follow)
    {
        FileDescriptor? found = RootedPath.TryOpen(Root, path, OpenMode.Path | (follow ? 0 : OpenMode.NoFollow), 0, out Errno errno);
        return found is not null || errno is Errno.ENOENT or Errno.ENOTDIR ? found : throw RootErrors.Of(new SyscallException("openat2", path, errno), path);
    }

    /// <summary>The path that leads to the same place and does not end in a link; what a link at its end points to need not be there.</summary>
    internal string FollowLast(string path)
    {
        for (int links = 0; links <= MostLinks; links++)
        {
            using FileDescriptor? found = TryOpen(path, follow: false);
            if (found is null || Sys.Status(found).Kind != FileKind.SymbolicLink)
            {
                return path;
            }

            string target = Sys.ReadLink(found);
            path = target.StartsWith('/') ? target : $"{FolderOf(path)}/{target}";
        }

        throw QuiltException.Invalid("path", $"'{Text.Printable(path)}' lies behind links that go in a circle", "give a path whose links lead somewhere");
    }

    internal static string FolderOf(string path) => path[..Math.Max(path.TrimEnd('/').LastIndexOf('/'), 0)];

    /// <summary>Holds files that somebody wrote, not a view of the kernel's.</summary>
    internal static bool HoldsFiles(FileDescriptor file) => !NotFiles.Contains(Sys.FilesystemMagic(file));

    /// <exception cref="QuiltException">FailedPrecondition: it is a part of /proc, /sys or their like.</exception>
    internal static void RequireFiles(FileDescriptor file, string path)
    {
        if (!HoldsFiles(file))
        {
            throw new QuiltException(ErrorCode.FailedPrecondition, $"'{Text.Printable(path)}' is the kernel's own: it holds no files to copy", "copy from or to an ordinary folder; read it by an exec", "path");
        }
    }

    /// <param name="folder">Into which something is to come.</param>
    /// <param name="path">What that is.</param>
    /// <exception cref="QuiltException">FailedPrecondition.</exception>
    internal void RequireLasting(FileDescriptor folder, string path)
    {
        if (_passing.Count > 0 && _passing.Contains(Sys.Status(folder).Device))
        {
            throw RootErrors.OfMemory(path);
        }
    }

    private DeviceNumber? DeviceOfMemory(string path)
    {
        using FileDescriptor? there = TryOpen(path, follow: true);
        return there is not null && Sys.FilesystemMagic(there) == Sys.TmpfsMagic ? Sys.Status(there).Device : null;
    }

    internal bool MayRead(FileStatus status) => IsOwn(status.Uid) || (status.Permissions & OthersRead) != 0;

    /// <param name="status">A folder's.</param>
    internal bool MayChange(FileStatus status) => IsOwn(status.Uid) || (status.Permissions & OthersWrite) != 0;

    internal bool IsOwn(uint hostId) => FirstId is not { } first || (hostId >= first && hostId - first < UserLookup.IdCount);

    /// <summary>As the container has it.</summary>
    internal uint Inside(uint hostId) => FirstId is not { } first ? hostId : IsOwn(hostId) ? hostId - first : Nobody;

    /// <summary>As the host has it.</summary>
    /// <exception cref="QuiltException">InvalidArgument: no container has the id.</exception>
    internal uint Outside(uint id, string path) => FirstId is not { } first ? id
        : id < UserLookup.IdCount ? first + id
        : throw QuiltException.Invalid("archive", $"'{Text.Printable(path)}' belongs to the id {id}, and containers have those from 0 to {UserLookup.IdCount - 1}", "give one owner to all, or another one in the archive");
}
