namespace Quilt.Linux;

/// <summary>What kind of thing a path is (inode(7)).</summary>
public enum FileKind
{
    Unknown = 0,
    Fifo = 0x1,
    CharacterDevice = 0x2,
    Folder = 0x4,
    BlockDevice = 0x6,
    Regular = 0x8,
    SymbolicLink = 0xA,
    Socket = 0xC,
}

/// <summary>What statx(2) tells of an open file; the same layout on every architecture.</summary>
/// <param name="Permissions">The lower twelve bits of the mode.</param>
/// <param name="DiskBytes">That it takes up there; fewer than its size where it has holes, or is kept compressed.</param>
/// <param name="Device">Of the file system that holds it.</param>
/// <param name="DeviceNumber">That a device node stands for.</param>
/// <param name="Modified">When its content last changed.</param>
public readonly record struct FileStatus(
    FileKind Kind, uint Permissions, uint Uid, uint Gid, uint Links, ulong Inode, ulong SizeBytes, ulong DiskBytes, DeviceNumber Device, DeviceNumber DeviceNumber, FileTime Modified)
{
    /// <summary>A character device 0:0: overlayfs's sign in an upper layer that a name of the lower ones is gone.</summary>
    public bool IsWhiteout => Kind == FileKind.CharacterDevice && DeviceNumber == default;

    /// <summary>/dev/null, wherever it lies: what may safely be bound over a masked file.</summary>
    public bool IsNullDevice => Kind == FileKind.CharacterDevice && DeviceNumber == new DeviceNumber(1, 3);
}

public readonly record struct DeviceNumber(uint Major, uint Minor)
{
    public override string ToString() => $"{Major}:{Minor}";
}
