using System.Buffers.Binary;

namespace Quilt.Images;

/// <summary>The value of <c>system.posix_acl_access</c> and <c>_default</c> (acl(5); linux/posix_acl_xattr.h): a version, then entries of tag, permissions and id.</summary>
internal static class AccessList
{
    internal const string Access = "system.posix_acl_access", Default = "system.posix_acl_default";
    private const int HeaderBytes = 4, EntryBytes = 8, IdOffset = 4;
    private const ushort User = 0x02, Group = 0x08;

    /// <summary>Moves the ids of users and groups that are named in it.</summary>
    internal static byte[] Shifted(byte[] value, IdShift shift)
    {
        byte[] shifted = [.. value];
        for (int entry = HeaderBytes; entry + EntryBytes <= shifted.Length; entry += EntryBytes)
        {
            Span<byte> id = shifted.AsSpan(entry + IdOffset);
            if (BinaryPrimitives.ReadUInt16LittleEndian(shifted.AsSpan(entry)) is User or Group)
            {
                BinaryPrimitives.WriteUInt32LittleEndian(id, shift.Apply(BinaryPrimitives.ReadUInt32LittleEndian(id)));
            }
        }

        return shifted;
    }
}
