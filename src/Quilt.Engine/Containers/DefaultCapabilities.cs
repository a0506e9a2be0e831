namespace Quilt.Engine;

/// <summary>
/// What root in a container may do within its user namespace where nothing else is asked: what package managers and servers
/// use. Not among them, though Docker has them: NET_RAW, MKNOD, AUDIT_WRITE, SETFCAP.
/// </summary>
public static class DefaultCapabilities
{
    public static IReadOnlyList<string> All { get; } =
    [
        "CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_FOWNER", "CAP_FSETID", "CAP_KILL", "CAP_NET_BIND_SERVICE", "CAP_SETGID", "CAP_SETPCAP", "CAP_SETUID",
        "CAP_SYS_CHROOT",
    ];
}
