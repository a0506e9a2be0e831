using System.Buffers.Binary;

namespace Quilt.Images;

/// <summary>The value of <c>security.capability</c> (linux/capability.h, struct vfs_ns_cap_data).</summary>
internal static class FileCapabilities
{
    private const uint RevisionMask = 0xFF00_0000, Revision2 = 0x0200_0000, Revision3 = 0x0300_0000;
    private const int Bytes2 = 20, Bytes3 = 24;

    /// <summary>
    /// As the container sees it. What it sets itself the kernel keeps with the host's id of its root; images hold the older form,
    /// which has none.
    /// </summary>
    /// <returns>Null where the capability is another namespace's, and means nothing in the container.</returns>
    internal static byte[]? Unshifted(byte[] value, uint hostIdBase)
    {
        if (value.Length != Bytes3 || (BinaryPrimitives.ReadUInt32LittleEndian(value) & RevisionMask) != Revision3)
        {
            return value;
        }

        if (BinaryPrimitives.ReadUInt32LittleEndian(value.AsSpan(Bytes2)) != hostIdBase)
        {
            return null;
        }

        byte[] unshifted = value[..Bytes2];
        BinaryPrimitives.WriteUInt32LittleEndian(unshifted, (BinaryPrimitives.ReadUInt32LittleEndian(value) & ~RevisionMask) | Revision2);
        return unshifted;
    }

    /// <summary>As the kernel keeps what the container's root sets: with the host's id of that root, so that it counts in the container alone.</summary>
    /// <returns>What is no capability comes back as it is, for the kernel to refuse.</returns>
    internal static byte[] Shifted(byte[] value, uint hostIdBase)
    {
        if (value.Length is not (Bytes2 or Bytes3))
        {
            return value;
        }

        // A root inside the container other than its own, of the newer form, is one that the archive's maker had.
        byte[] shifted = new byte[Bytes3];
        value.AsSpan(0, Bytes2).CopyTo(shifted);
        BinaryPrimitives.WriteUInt32LittleEndian(shifted, (BinaryPrimitives.ReadUInt32LittleEndian(value) & ~RevisionMask) | Revision3);
        BinaryPrimitives.WriteUInt32LittleEndian(shifted.AsSpan(Bytes2), hostIdBase);
        return shifted;
    }
}
