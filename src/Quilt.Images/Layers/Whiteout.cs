namespace Quilt.Images;

/// <summary>What an archive says to be gone from the layers below (OCI image-spec, layer, 'Whiteouts').</summary>
/// <param name="Name">In the entry's folder; null where all of the folder's content is meant.</param>
internal sealed record Whiteout(string? Name)
{
    internal const string Prefix = ".wh.", OpaqueName = ".wh..wh..opq";
    private const string AufsPrefix = ".wh..wh.";

    /// <summary>Whether it is bookkeeping of aufs, which means nothing elsewhere.</summary>
    internal bool IsNothing => Name is not null && Name.StartsWith(Prefix, StringComparison.Ordinal);

    /// <returns>Null where the entry is none.</returns>
    /// <exception cref="Core.QuiltException">It is one for what is no name, or of a form that readers take differently.</exception>
    internal static Whiteout? Of(ArchiveEntry entry)
    {
        if (entry.Path.SkipLast(1).Any(n => n.StartsWith(Prefix, StringComparison.Ordinal) && !n.StartsWith(AufsPrefix, StringComparison.Ordinal)))
        {
            throw Malformed.Entry(entry.DisplayPath, "lies in a whiteout");
        }

        // aufs kept folders of its own; nothing in them is the image's.
        if (entry.Path.Any(n => n.StartsWith(AufsPrefix, StringComparison.Ordinal) && n != OpaqueName))
        {
            return new Whiteout(AufsPrefix);
        }

        string last = entry.Path[^1];
        if (!last.StartsWith(Prefix, StringComparison.Ordinal))
        {
            return entry.Path.Contains(OpaqueName) ? throw Malformed.Entry(entry.DisplayPath, "lies in a whiteout") : null;
        }

        if (entry.Kind != ArchiveEntryKind.File || last[Prefix.Length..] is "" or "." or "..")
        {
            throw Malformed.Entry(entry.DisplayPath, "is a whiteout of what is no name, or is no file");
        }

        return last == OpaqueName ? new Whiteout((string?)null) : new Whiteout(last[Prefix.Length..]);
    }
}
