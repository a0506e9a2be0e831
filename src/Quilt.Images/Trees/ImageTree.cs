using Quilt.Core;

namespace Quilt.Images;

/// <summary>
/// Files as layers show them merged: an image, a stage of a build, a context that was unpacked as a layer. Looked at by
/// descriptor and without a mount; nothing in it leads out of it. For one thread at a time.
/// </summary>
public sealed class ImageTree : IDisposable
{
    private readonly LayerView _view;

    private ImageTree(LayerView view) => _view = view;

    /// <param name="layerFolders">Lowest first; at least one. They are to stay until the tree is disposed.</param>
    public static ImageTree Open(IReadOnlyList<string> layerFolders) => new(LayerView.Open([.. layerFolders.Reverse()]));

    /// <summary>The folder that is <c>/</c>. The caller's to dispose.</summary>
    public ImageTreeNode Root() => new("", _view.FindMerged([])!);

    /// <summary>What a path leads to; links on the way are followed inside the tree.</summary>
    /// <param name="path">Absolute or relative, from the root in either case.</param>
    /// <param name="followLast">Whether a link at its end is followed too.</param>
    /// <returns>Null where nothing is there, or something on the way is no folder. The caller's to dispose.</returns>
    /// <exception cref="QuiltException">InvalidArgument where the links go in a circle.</exception>
    public ImageTreeNode? TryFind(string path, bool followLast = true)
    {
        IReadOnlyList<string> real = Resolve(path, followLast);
        return _view.FindMerged(real) is { } levels ? new ImageTreeNode(string.Join('/', real), levels) : null;
    }

    /// <summary>The path that leads to the same place without a link, relative to the root; empty for the root itself. What does not exist is taken as it is written.</summary>
    /// <exception cref="QuiltException">InvalidArgument where the links go in a circle.</exception>
    public string ResolvePath(string path, bool followLast = true) => string.Join('/', Resolve(path, followLast));

    public void Dispose() => _view.Dispose();

    private List<string> Resolve(string path, bool followLast)
    {
        string[] names = [.. path.Split('/', StringSplitOptions.RemoveEmptyEntries).Where(n => n != ".")];
        bool all = followLast || names.Length == 0 || names[^1] == "..";
        List<string> real = _view.Resolve(all ? names : names.SkipLast(1))
            ?? throw QuiltException.Invalid("path", $"'{Text.Printable(path)}' lies behind links that go in a circle", "give a path whose links lead somewhere");
        return all ? real : [.. real, names[^1]];
    }
}
