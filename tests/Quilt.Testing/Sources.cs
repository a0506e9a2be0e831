using System.Runtime.CompilerServices;

namespace Quilt.Testing;

/// <summary>The source tree that the tests are of.</summary>
public static class Sources
{
    public static string Root { get; } = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(Here())!, "..", ".."));

    /// <summary>README.md and all of docs, relative to <see cref="Root"/>.</summary>
    public static IEnumerable<string> Pages => Directory.EnumerateFiles(PathOf("docs"), "*.md", SearchOption.AllDirectories).Order().Select(file => Path.GetRelativePath(Root, file)).Prepend("README.md");

    public static string PathOf(string relative) => Path.Combine(Root, relative);

    private static string Here([CallerFilePath] string file = "") => file;
}
