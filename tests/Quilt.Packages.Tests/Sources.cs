using System.Runtime.CompilerServices;

namespace Quilt.Packages.Tests;

/// <summary>The tree that is packed.</summary>
internal static class Sources
{
    internal static string Root { get; } = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(Here())!, "..", ".."));

    internal static string PathOf(string relative) => Path.Combine(Root, relative);

    private static string Here([CallerFilePath] string file = "") => file;
}
