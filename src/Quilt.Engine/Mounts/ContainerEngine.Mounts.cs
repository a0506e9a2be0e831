using Quilt.Core;
using Quilt.Linux;
using Quilt.Oci;

namespace Quilt.Engine;

public sealed partial class ContainerEngine
{
    /// <summary>Where the secrets of containers are; set once, by who knows whose they are.</summary>
    public SecretReader Secrets { private get; set; } = (_, name) => throw new QuiltException(ErrorCode.NotFound, $"there is no secret '{name}'", "have quiltd serve it", "secrets");

    /// <summary>What a container's configuration mounts beside what all have, and what its shim has to be lent for that.</summary>
    private (IReadOnlyList<OciMount> Mounts, IReadOnlyList<LentMount> Lend) MountsOf(Container container)
    {
        ContainerRecord record = container.Record;
        List<OciMount> mounts = [];
        List<LentMount> lend = [];
        if (container.Layout.HasDisk)
        {
            lend.Add(new LentMount(container.Layout.Disk, () => DiskImages.Mount(container.Layout.DiskImage)));
        }

        foreach (VolumeMount each in record.VolumeMounts)
        {
            Volume volume = _volumes.TryGet(each.Volume) ?? throw VolumeTable.NotFound(each.Volume);
            string source = _volumeFiles.FolderForShims(volume) ?? Lend(() => _volumeFiles.Mount(volume));
            mounts.Add(Bind(source, each.Path, each.ReadOnly));
        }

        foreach (HostMount each in record.Spec.HostMounts)
        {
            mounts.Add(Bind(Lend(() => OpenHostMount(each)), each.Path, each.ReadOnly));
        }

        if (record.Spec.Secrets.Count > 0)
        {
            mounts.Add(new OciMount(SecretFiles.Folder) { Type = "bind", Source = Lend(() => SecretFiles.Mount(record, Secrets)), Options = ["bind", "nosuid", "nodev", "noexec", "ro"] });
        }

        return (mounts, lend);

        string Lend(Func<FileDescriptor> open)
        {
            string place = container.Layout.Lent(lend.Count);
            lend.Add(new LentMount(place, open));
            return place;
        }
    }

    private static async Task<LentMounts> LendAsync(ShimLink shim, IReadOnlyList<LentMount> mounts) => mounts.Count == 0
        ? LentMounts.None
        : await Task.Run(() => LentMounts.To(shim.Process ?? throw LentMounts.Gone(), mounts)).ConfigureAwait(false);

    private static OciMount Bind(string source, string path, bool readOnly) =>
        new(path) { Type = "bind", Source = source, Options = ["bind", "nosuid", "nodev", "idmap", .. readOnly ? (string[])["ro"] : []] };

    /// <summary>The path is where it really was: a link that has come since is not followed.</summary>
    private static FileDescriptor OpenHostMount(HostMount mount)
    {
        try
        {
            using FileDescriptor root = Sys.Open("/", OpenMode.Path | OpenMode.Directory);
            using FileDescriptor source = Sys.OpenAt2(root, mount.Source.TrimStart('/') is { Length: > 0 } below ? below : ".", OpenMode.Path, ResolveFlags.NoSymbolicLinks);
            FileDescriptor clone = Sys.OpenTreeClone(source);
            Sys.MountSetAttributes(clone, MountAttribute.NoSuid | MountAttribute.NoDev, 0, MountAttribute.Private);
            return clone;
        }
        catch (SyscallException e)
        {
            throw new QuiltException(ErrorCode.FailedPrecondition, $"the path of the host that is for '{mount.Path}' cannot be mounted: {e.Errno.Meaning()}", "bring it back, or make the container anew without it", "mounts", e);
        }
    }
}
