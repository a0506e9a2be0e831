namespace Quilt.Shim.Contract;

/// <summary>
/// The annotations through which the engine asks a shim for more than the OCI runtime spec names. They mean nothing to quilt-oci:
/// other engines copy an image's annotations into what they give it, and an image shall name no file of the host's.
/// </summary>
public static class QuiltAnnotations
{
    /// <summary>Absolute paths of the image's layer folders, top first, separated by ':': the root filesystem is an overlay of them, in
    /// place of <c>root.path</c>.</summary>
    public const string Lower = "dev.quilt.rootfs.lower";

    /// <summary>Absolute path of the writable layer.</summary>
    public const string Upper = "dev.quilt.rootfs.upper";

    /// <summary>Absolute path of overlayfs's work folder, beside <see cref="Upper"/>.</summary>
    public const string Work = "dev.quilt.rootfs.work";

    /// <summary><c>true</c>: our init is PID 1 and the process its child; it reaps and passes signals on.</summary>
    public const string Init = "dev.quilt.init";

    /// <summary><c>true</c>: no process at all; init alone keeps the container until it is stopped.</summary>
    public const string KeepAlive = "dev.quilt.keepalive";

    /// <summary>Absolute path of an already compiled system call filter, in place of <c>linux.seccomp</c>.</summary>
    public const string SeccompProgram = "dev.quilt.seccomp.program";
}
