using Quilt.Images;

namespace Quilt.Build;

/// <summary>A build's context as an archive, for whoever sends it: without what its ignore file leaves out.</summary>
public static class ContextArchive
{
    /// <summary>The Dockerfile and the ignore files are in it whatever they say: the builder reads them.</summary>
    /// <param name="folder">Links in it are sent as links.</param>
    /// <param name="dockerfile">Its name in the folder.</param>
    /// <exception cref="Core.QuiltException">InvalidArgument: the ignore file has a pattern that is none.</exception>
    public static void Write(string folder, string dockerfile, Stream output)
    {
        using ImageTree tree = ImageTree.Open([folder]);
        IgnoreFile ignored = IgnoreFile.In(tree, dockerfile);
        HashSet<string> needed = [dockerfile, .. IgnoreFile.Names(dockerfile)];

        // Below a folder that is ignored may lie what is not.
        bool Includes(string path, bool isFolder) => !ignored.Ignores(path) || needed.Contains(path) || (isFolder && (ignored.HasExceptions || needed.Any(n => n.StartsWith(path + '/', StringComparison.Ordinal))));
        TreeArchive.Write(tree, output, Includes, CancellationToken.None);
    }
}
