namespace Quilt.Shim.Contract;

/// <summary>Where things are in a container's folder, shared by the daemon and the shim.</summary>
/// <param name="Root">The bundle: <c>STATE/containers/ID</c>.</param>
public readonly record struct BundleLayout(string Root)
{
    /// <summary>Where the container's root is attached, in its own mount namespace: any folder does, and this one is there.</summary>
    public string Rootfs => Upper;
    public string Upper => Path.Combine(Files, "upper");
    public string Work => Path.Combine(Files, "work");

    /// <summary>The container has a limit of disk: what it writes lies in a file system of its own (<see cref="DiskImage"/>).</summary>
    public bool HasDisk { get; init; }
    public string DiskImage => Path.Combine(Root, "disk.img");

    /// <summary>Where that is mounted, while the container is launched, in the shims' mount namespace alone.</summary>
    public string Disk => Path.Combine(Root, "disk");

    /// <summary>The folder of its writable layer and its image's volumes; whoever has the file system mounted elsewhere says so.</summary>
    public string Files { get => field ?? (HasDisk ? Disk : Root); init; }

    /// <summary>The folders of its image's volumes.</summary>
    public string Volumes => Path.Combine(Files, "volumes");
    public string Volume(int number) => Path.Combine(Volumes, Numbered(number));

    /// <summary>Where those of a snapshot wait until they take the place of the ones that are there.</summary>
    public string StagedVolumes => Path.Combine(Files, "volumes.new");
    public string StagedVolume(int number) => Path.Combine(StagedVolumes, Numbered(number));

    /// <summary>What is mounted there while it is launched, in the shims' mount namespace alone, is mounted in it.</summary>
    public string Lent(int number) => Path.Combine(Root, "mounts", Numbered(number));

    /// <summary>The folder of its log's files, beside what else is there.</summary>
    public string Logs => Root;
    public string Exit => Path.Combine(Root, ExitRecord.FileName);
    public string Execs => Path.Combine(Root, "execs");
    public string Exec(string execId) => Path.Combine(Execs, execId);

    private static string Numbered(int number) => number.ToString(System.Globalization.CultureInfo.InvariantCulture);
}
