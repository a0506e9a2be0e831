namespace Quilt.Shim.Contract;

/// <summary>Where things are in a container's folder, shared by the daemon and the shim.</summary>
/// <param name="Root">The bundle: <c>STATE/containers/ID</c>.</param>
public readonly record struct BundleLayout(string Root)
{
    /// <summary>Where the container's root is attached, in its own mount namespace: any folder does, and this one is there.</summary>
    public string Rootfs => Upper;
    public string Upper => Path.Combine(Root, "upper");
    public string Work => Path.Combine(Root, "work");

    /// <summary>The folders of its image's volumes.</summary>
    public string Volumes => Path.Combine(Root, "volumes");
    public string Volume(int number) => Path.Combine(Volumes, number.ToString(System.Globalization.CultureInfo.InvariantCulture));

    /// <summary>The folder of its log's files, beside what else is there.</summary>
    public string Logs => Root;
    public string Exit => Path.Combine(Root, ExitRecord.FileName);
    public string Execs => Path.Combine(Root, "execs");
    public string Exec(string execId) => Path.Combine(Execs, execId);
}
