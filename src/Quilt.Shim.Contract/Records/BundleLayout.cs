namespace Quilt.Shim.Contract;

/// <summary>Where things are in a container's folder, shared by the daemon and the shim.</summary>
/// <param name="Root">The bundle: <c>STATE/containers/ID</c>.</param>
public readonly record struct BundleLayout(string Root)
{
    public string Rootfs => Path.Combine(Root, "rootfs");
    public string Upper => Path.Combine(Root, "layer", "upper");
    public string Work => Path.Combine(Root, "layer", "work");
    public string Logs => Path.Combine(Root, "logs");
    public string Exit => Path.Combine(Root, ExitRecord.FileName);
    public string Execs => Path.Combine(Root, "execs");
    public string Exec(string execId) => Path.Combine(Execs, execId);
}
