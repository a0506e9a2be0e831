namespace Quilt.Core;

/// <summary>Paths with slashes, as text: nothing is looked up, and no link resolved.</summary>
public static class PathText
{
    /// <summary>In the folder, or in one of its folders; not the folder itself.</summary>
    public static bool IsBelow(string path, string folder) => path.StartsWith(folder + "/", StringComparison.Ordinal);

    /// <summary>The folder itself, or below it.</summary>
    public static bool IsWithin(string path, string folder) => path == folder || IsBelow(path, folder);
}
