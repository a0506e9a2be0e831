using Quilt.Core;
using Quilt.Images;
using Quilt.Linux;

namespace Quilt.Build;

/// <summary>
/// A layer that is composed of files from elsewhere, without a container: what is to lie where, over the files below. Nothing is
/// read of the files until it is written.
/// </summary>
/// <param name="below">What the layer comes onto; null to make it independent of that (<c>--link</c>).</param>
/// <param name="owner">Of all that is copied or made; null to keep a source's, and root for what is made.</param>
/// <param name="permissions">Of all that is copied.</param>
/// <param name="time">Of what is made, and of inline files.</param>
internal sealed class LayerLayout(ImageTree? below, (uint Uid, uint Gid)? owner, PermissionChange? permissions, FileTime time)
{
    private const uint FolderMode = 0x1ED; // 0755
    private const int MostEntries = 2_000_000;
    private int _count;

    internal LayoutNode Root { get; } = new(metadata: null) { IsNew = below is null };

    /// <summary>Nothing came of it: there is no layer to write.</summary>
    internal bool IsEmpty => _count == 0;

    /// <summary>The place that a path of the finished files means: links below are followed.</summary>
    internal string Resolve(string path) => below is null ? string.Join('/', SlashPath.Names(path)) : below.ResolvePath(path);

    /// <summary>What lies there, here or below; <see cref="FileKind.Unknown"/> for nothing.</summary>
    /// <param name="path">Resolved.</param>
    internal FileKind KindAt(string path)
    {
        if (Find(path) is { } node)
        {
            return node.Kind;
        }

        return KindBelow(Root, path);
    }

    /// <summary>Makes a folder and those above it where they are missing.</summary>
    /// <param name="path">Resolved.</param>
    /// <returns>The folder, to put something in.</returns>
    /// <exception cref="QuiltException">FailedPrecondition: something on the way is no folder.</exception>
    internal LayoutNode MakeFolders(string path)
    {
        LayoutNode folder = Root;
        string at = "";
        foreach (string name in path.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            at = at.Length == 0 ? name : $"{at}/{name}";
            if (!folder.Children.TryGetValue(name, out LayoutNode? next))
            {
                FileKind kind = KindBelow(folder, at);
                next = kind switch
                {
                    FileKind.Folder => new LayoutNode(metadata: null),
                    FileKind.Unknown => Count(new LayoutNode(Made(FolderMode)) { IsNew = true }),
                    _ => throw NoFolder(at),
                };
                folder.Children.Add(name, next);
            }

            folder = next.Kind == FileKind.Folder ? next : throw NoFolder(at);
        }

        return folder;
    }

    /// <summary>A folder with metadata of its own, there already or not.</summary>
    /// <exception cref="QuiltException">FailedPrecondition: something is there that is no folder.</exception>
    internal void PutFolder(string path, ArchiveMetadata metadata)
    {
        LayoutNode parent = MakeFolders(ParentOf(path));
        string name = SlashPath.Name(path);
        if (!parent.Children.TryGetValue(name, out LayoutNode? folder))
        {
            FileKind there = KindBelow(parent, path);
            folder = there is FileKind.Unknown or FileKind.Folder
                ? Count(new LayoutNode(metadata: null) { IsNew = there == FileKind.Unknown })
                : throw NoFolder(path);
            parent.Children.Add(name, folder);
        }

        folder.Metadata = folder.Kind == FileKind.Folder ? Changed(metadata, isFolder: true) : throw NoFolder(path);
    }

    /// <summary>Anything but a folder, in place of what is there.</summary>
    /// <exception cref="QuiltException">FailedPrecondition: a folder is there.</exception>
    internal void Put(string path, FileKind kind, ArchiveMetadata metadata, Func<ArchiveMetadata, LayoutNode> make)
    {
        LayoutNode parent = MakeFolders(ParentOf(path));
        string name = SlashPath.Name(path);
        if ((parent.Children.TryGetValue(name, out LayoutNode? known) ? known.Kind : KindBelow(parent, path)) == FileKind.Folder)
        {
            throw new QuiltException(ErrorCode.FailedPrecondition, $"'/{Text.Printable(path)}' is a folder, and a file would come in its place", "copy into the folder, or elsewhere", "destination");
        }

        parent.Children[name] = Count(make(kind == FileKind.SymbolicLink ? Owned(metadata) : Changed(metadata, isFolder: false)));
    }

    /// <summary>A file of the Dockerfile's own.</summary>
    internal void PutContent(string path, ReadOnlyMemory<byte> content, uint mode) =>
        Put(path, FileKind.Regular, Made(mode), metadata => new LayoutNode(FileKind.Regular, metadata) { Content = content, Size = content.Length });

    internal static string ParentOf(string path) => path.LastIndexOf('/') is > 0 and int slash ? path[..slash] : "";

    /// <summary>What is there below; no look is needed in a folder that is new.</summary>
    private FileKind KindBelow(LayoutNode parent, string path)
    {
        using ImageTreeNode? there = parent.IsNew ? null : below?.TryFind(path, followLast: false);
        return there?.Kind ?? FileKind.Unknown;
    }

    private LayoutNode? Find(string path)
    {
        LayoutNode? node = Root;
        foreach (string name in path.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            if (!node.Children.TryGetValue(name, out node))
            {
                return null;
            }
        }

        return node;
    }

    private LayoutNode Count(LayoutNode node) => ++_count <= MostEntries
        ? node
        : throw new QuiltException(ErrorCode.ResourceExhausted, $"more than {MostEntries} files would be copied", "leave out what the image does not need, by a .dockerignore");

    private ArchiveMetadata Made(uint mode) => Owned(new ArchiveMetadata(mode, 0, 0, time));

    private ArchiveMetadata Owned(ArchiveMetadata metadata) =>
        owner is { } given ? metadata with { Uid = given.Uid, Gid = given.Gid } : metadata;

    private ArchiveMetadata Changed(ArchiveMetadata metadata, bool isFolder) =>
        Owned(metadata) with { Permissions = permissions?.Apply(metadata.Permissions, isFolder) ?? metadata.Permissions };

    private static QuiltException NoFolder(string path) =>
        new(ErrorCode.FailedPrecondition, $"'/{Text.Printable(path)}' is no folder, and one would come in its place", "copy elsewhere, or to where a link there leads", "destination");
}
