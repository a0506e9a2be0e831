using System.Runtime.InteropServices;

namespace Quilt.Linux;

/// <summary>What of struct statx is looked at (statx(2)); its size leaves room for what later kernels add.</summary>
[StructLayout(LayoutKind.Explicit, Size = 256)]
internal struct Statx
{
    /// <summary>STATX_BASIC_STATS.</summary>
    internal const uint Basic = 0x7FF;

    private const uint BlockBytes = 512;

    [FieldOffset(16)]
    internal uint Links;
    [FieldOffset(20)]
    internal uint Uid;
    [FieldOffset(24)]
    internal uint Gid;
    [FieldOffset(28)]
    internal ushort Mode;
    [FieldOffset(32)]
    internal ulong Inode;
    [FieldOffset(40)]
    internal ulong Size;
    [FieldOffset(48)]
    internal ulong Blocks;
    [FieldOffset(112)]
    internal long ModifiedSeconds;
    [FieldOffset(120)]
    internal uint ModifiedNanoseconds;
    [FieldOffset(128)]
    internal DeviceNumber Itself;
    [FieldOffset(136)]
    internal DeviceNumber HeldBy;

    internal readonly FileStatus ToStatus() => new(
        (FileKind)(Mode >> 12), Mode & 0xFFFu, Uid, Gid, Links, Inode, Size, Blocks * BlockBytes, HeldBy, Itself, new FileTime(ModifiedSeconds, ModifiedNanoseconds));
}
