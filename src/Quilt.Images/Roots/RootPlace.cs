namespace Quilt.Images;

/// <summary>Where an archive's entries go.</summary>
/// <param name="Path">In the root: of the folder that they come into, or of what the archive's one thing becomes.</param>
/// <param name="Thing">The name that all paths in the archive begin with, and which <see cref="Path"/> stands for; empty: the archive's root; null: each entry is one by itself.</param>
internal sealed record RootPlace(string Path, string? Thing)
{
    internal string PathOf(ArchiveEntry entry) => PathOf(entry.Path, entry);

    /// <param name="names">Of the entry, or of what it is linked to.</param>
    /// <exception cref="Core.QuiltException">It lies beside the one thing that is copied.</exception>
    internal string PathOf(IReadOnlyList<string> names, ArchiveEntry entry)
    {
        if (string.IsNullOrEmpty(Thing))
        {
            return names.Count == 0 ? Path : $"{Path.TrimEnd('/')}/{string.Join('/', names)}";
        }

        return names.Count > 0 && names[0] == Thing
            ? names.Count == 1 ? Path : $"{Path}/{string.Join('/', names.Skip(1))}"
            : throw Malformed.Entry(entry.DisplayPath, $"is not, or is linked to what is not, in '{Core.Text.Printable(Thing)}'");
    }
}
