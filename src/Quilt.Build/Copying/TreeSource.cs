using Quilt.Images;
using Quilt.Linux;

namespace Quilt.Build;

/// <summary>Files that can be copied from: a context, a stage, an image, an archive that was unpacked, a checkout.</summary>
internal sealed class TreeSource : IDisposable
{
    private readonly List<ImageTreeNode> _open = [];

    /// <param name="folders">Lowest first; at least one.</param>
    internal TreeSource(IReadOnlyList<string> folders)
    {
        Folders = folders;
        Tree = ImageTree.Open(folders);
    }

    internal IReadOnlyList<string> Folders { get; }
    internal ImageTree Tree { get; }

    /// <summary>What is not to be seen.</summary>
    internal IgnoreFile Ignored { get; init; } = IgnoreFile.Nothing;

    /// <summary>Its owners are the user's own, and mean nothing in an image: all belongs to root.</summary>
    internal bool BelongsToRoot { get; init; }

    /// <summary>Of every file, in place of its own, which says only when it was fetched.</summary>
    internal FileTime? Time { get; init; }

    /// <summary>The same files once more, for another thread or a later time.</summary>
    internal TreeSource Reopen() => new(Folders) { Ignored = Ignored, BelongsToRoot = BelongsToRoot, Time = Time };

    internal ArchiveMetadata MetadataOf(ImageTreeNode node)
    {
        ArchiveMetadata metadata = node.Metadata();
        metadata = BelongsToRoot ? metadata with { Uid = 0, Gid = 0 } : metadata;
        return Time is { } time ? metadata with { Modified = time } : metadata;
    }

    /// <summary>
    /// Opens a file's content. The folders on the way stay open for the next call, so that files in order cost one look each.
    /// </summary>
    /// <param name="path">From the root, no part of it a link.</param>
    internal Stream OpenRead(string path)
    {
        string[] names = path.Split('/');
        if (_open.Count == 0)
        {
            _open.Add(Tree.Root());
        }

        int common = 0;
        while (common < names.Length - 1 && common + 1 < _open.Count && _open[common + 1].Name == names[common])
        {
            common++;
        }

        for (int i = _open.Count - 1; i > common; i--)
        {
            _open[i].Dispose();
            _open.RemoveAt(i);
        }

        for (int i = common; i < names.Length - 1; i++)
        {
            _open.Add(_open[^1].Child(names[i]) ?? throw Gone(path));
        }

        using ImageTreeNode file = _open[^1].Child(names[^1]) ?? throw Gone(path);
        return file.Kind == FileKind.Regular ? file.OpenRead() : throw Gone(path);
    }

    public void Dispose()
    {
        _open.ForEach(n => n.Dispose());
        Tree.Dispose();
    }

    private static Core.QuiltException Gone(string path) => new(
        Core.ErrorCode.Aborted, $"'{Core.Text.Printable(path)}' changed while it was copied", "build again, and leave the context alone meanwhile", "context");
}
