namespace Quilt.Linux;

/// <summary>MOUNT_ATTR_* (mount_setattr(2)), those that mounts are given here.</summary>
public static class MountAttribute
{
    public const ulong ReadOnly = 0x1, NoSuid = 0x2, NoDev = 0x4, NoExec = 0x8, NoAtime = 0x10, IdMap = 0x100000;

    /// <summary>MS_PRIVATE (mount_namespaces(7)).</summary>
    public const ulong Private = 1 << 18;
}
