using Quilt.Linux;

namespace Quilt.Images;

internal enum ArchiveEntryKind
{
    File,
    HardLink,
    SymbolicLink,
    Folder,
    Fifo,
    Device,
}

/// <summary>One entry of a layer's archive, its text and numbers already sound.</summary>
/// <param name="Path">Relative names from the layer's root, none of them <c>.</c>, <c>..</c> or empty; none at all is the root.</param>
/// <param name="LinkTarget">As written; of links only.</param>
/// <param name="Permissions">Twelve bits.</param>
/// <param name="Attributes">Names and raw values, as the archive has them.</param>
/// <param name="Sparse">Where in the file the entry's content lies; null where it is all of the file.</param>
internal sealed record ArchiveEntry(
    ArchiveEntryKind Kind,
    IReadOnlyList<string> Path,
    string LinkTarget,
    uint Permissions,
    uint Uid,
    uint Gid,
    FileTime Modified,
    IReadOnlyList<KeyValuePair<string, byte[]>> Attributes,
    SparseMap? Sparse = null)
{
    internal string DisplayPath => Path.Count == 0 ? "." : string.Join('/', Path);
}
