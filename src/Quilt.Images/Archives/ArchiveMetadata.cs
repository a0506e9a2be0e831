using Quilt.Linux;

namespace Quilt.Images;

/// <summary>What an archive says of an entry beside its name and content.</summary>
/// <param name="Permissions">Twelve bits.</param>
/// <param name="Uid">Unshifted: 0 is the container's root.</param>
/// <param name="Attributes">Extended attributes, whole names and raw values; null is none.</param>
public readonly record struct ArchiveMetadata(
    uint Permissions, uint Uid, uint Gid, FileTime Modified, IReadOnlyList<KeyValuePair<string, byte[]>>? Attributes = null);
