namespace Quilt.Oci;

/// <summary>
/// The capabilities that a container's root has unless its grant says otherwise: the well-known container set, less NET_RAW
/// (forged packets), MKNOD, AUDIT_WRITE and SETFCAP (the host's log and files).
/// </summary>
public static class StandardCapabilities
{
    public static IReadOnlyList<string> All { get; } =
    [
        "CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_FOWNER", "CAP_FSETID", "CAP_KILL", "CAP_NET_BIND_SERVICE", "CAP_SETGID", "CAP_SETPCAP", "CAP_SETUID",
        "CAP_SYS_CHROOT",
    ];
}
