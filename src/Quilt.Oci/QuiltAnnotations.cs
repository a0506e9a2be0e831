namespace Quilt.Oci;

/// <summary>The annotations through which the engine asks our launcher for more than the OCI runtime spec names.</summary>
public static class QuiltAnnotations
{
    /// <summary>Absolute paths of the image's layer folders, top first, separated by ':'. Each becomes an idmapped lower layer
    /// of an overlay that is the root filesystem, in place of <c>root.path</c>.</summary>
    public const string Lower = "dev.quilt.rootfs.lower";

    /// <summary>Absolute path of the writable layer, owned by the container's root.</summary>
    public const string Upper = "dev.quilt.rootfs.upper";

    /// <summary>Absolute path of overlayfs's work folder, beside <see cref="Upper"/>.</summary>
    public const string Work = "dev.quilt.rootfs.work";

    /// <summary><c>true</c>: our init is PID 1 and the process its child; it reaps and passes signals on.</summary>
    public const string Init = "dev.quilt.init";

    /// <summary><c>true</c>: no process at all; init alone keeps the container until it is stopped.</summary>
    public const string KeepAlive = "dev.quilt.keepalive";

    /// <summary>Absolute path of an already compiled system call filter (struct sock_filter, 8 bytes each), in place of
    /// <c>linux.seccomp</c>: the engine compiles a policy once for all containers.</summary>
    public const string SeccompProgram = "dev.quilt.seccomp.program";
}
