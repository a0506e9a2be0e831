using Quilt.Core;
using Quilt.Linux;

namespace Quilt.Shim;

/// <summary>
/// Leaves a mount namespace of our own with what launching needs. Each container's namespace begins as a copy of ours, which
/// costs time for every mount in it, under a lock that the whole host shares (mount_namespaces(7)).
/// </summary>
internal static class TrimmedMounts
{
    private static readonly string[] Needed = ["/proc", "/dev", "/sys", "/sys/fs/cgroup"];

    /// <param name="keep">Folders that containers are made of, such as the state folder: what they lie on, and what lies in them, stays.</param>
    internal static void Enter(IReadOnlyList<string> keep)
    {
        const ulong recursivePrivate = 0x4000 | (1 << 18);
        Sys.Unshare(NamespaceKind.Mount);
        Sys.Mount(null, "/", null, recursivePrivate);
        string[] places = [.. keep.Select(k => ResolveLinks(Path.GetFullPath(k))), ResolveLinks(Environment.ProcessPath!)];
        foreach (MountInfoEntry mount in MountInfoEntry.OfThisProcess().Reverse())
        {
            if (!IsNeeded(mount.MountPoint, places))
            {
                Sys.Unmount(mount.MountPoint, lazily: true);
            }
        }
    }

    private static bool IsNeeded(string mountPoint, string[] places) =>
        Needed.Contains(mountPoint)
        || IsWithin(mountPoint, "/sys/fs/cgroup")
        || places.Any(p => IsWithin(p, mountPoint) || IsWithin(mountPoint, p));

    private static bool IsWithin(string path, string folder) =>
        folder == "/" || PathText.IsWithin(path, folder);

    private static string ResolveLinks(string path)
    {
        string resolved = "/";
        foreach (string part in path.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            string next = Path.Combine(resolved, part);
            resolved = new DirectoryInfo(next).ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? next;
        }

        return resolved;
    }
}
