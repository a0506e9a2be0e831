using Quilt.Core;
using Quilt.Linux;

namespace Quilt.Engine;

/// <summary>
/// Mounts that a container is made of and that its shim's mount namespace does not have: they are there, in the container's own folder,
/// only while the container is launched. From then on the container's own mounts are all that holds them; they go with it, however it
/// or we end. What a crash leaves of them goes when the folder does.
/// </summary>
internal sealed class LentMounts : IDisposable
{
    private const uint OwnerOnly = 0x1C0; // 0700
    private readonly Rollback _mounted = new();

    /// <summary>Of a container that needs none.</summary>
    internal static LentMounts None { get; } = new();

    /// <param name="mounts">Each with the folder, or the empty file, of the container's where it is to be.</param>
    /// <exception cref="SyscallException">With nothing left behind.</exception>
    /// <exception cref="QuiltException">FailedPrecondition; Unavailable: the shim is gone.</exception>
    internal static LentMounts To(ProcessIdentity shim, IReadOnlyList<LentMount> mounts)
    {
        LentMounts lent = new();
        try
        {
            FileDescriptor space = shim.TryOpenMountNamespace() ?? throw Gone();
            lent._mounted.OnFailure(space.Dispose);
            using FileDescriptor root = shim.TryOpenRoot() ?? throw Gone();
            foreach (LentMount each in mounts)
            {
                using FileDescriptor mount = each.Open();
                MakePlace(each.Place, Sys.Status(mount).Kind == FileKind.Folder);
                using FileDescriptor place = RootedPath.Open(root, each.Place, OpenMode.Path | OpenMode.NoFollow);
                ForeignMounts.Attach(space, mount, place);
                FileDescriptor folder = RootedPath.Open(root, Path.GetDirectoryName(each.Place)!, OpenMode.Path | OpenMode.Directory);
                lent._mounted.OnFailure(() =>
                {
                    using (folder)
                    {
                        ForeignMounts.Detach(space, folder, Path.GetFileName(each.Place), lazily: true);
                    }
                });
            }

            return lent;
        }
        catch
        {
            lent.Dispose();
            throw;
        }
    }

    public void Dispose() => _mounted.Dispose(); // never committed: they go in any case

    private static void MakePlace(string place, bool folder)
    {
        Sys.MakeDirectory(Path.GetDirectoryName(place)!, OwnerOnly);

        // What was a file when it was last started may be a folder now, and the other way round.
        if (folder)
        {
            if (File.Exists(place))
            {
                File.Delete(place);
            }

            Sys.MakeDirectory(place, OwnerOnly);
        }
        else
        {
            Sys.TryRemoveDirectory(place, out _);
            Sys.Open(place, OpenMode.ReadOnly | OpenMode.Create | OpenMode.NoFollow, 0x180).Dispose(); // 0600
        }
    }

    internal static QuiltException Gone() => new(ErrorCode.Unavailable, "the container's shim is gone", "try again");
}

/// <param name="Place">In the container's own folder, on the host.</param>
/// <param name="Open">A detached mount.</param>
internal sealed record LentMount(string Place, Func<FileDescriptor> Open);
