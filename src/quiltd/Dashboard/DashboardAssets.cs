using System.Collections.Frozen;

namespace Quilt.Daemon;

/// <summary>The dashboard's files, which are in the program itself.</summary>
internal static class DashboardAssets
{
    private const string Folder = "dashboard/", Index = "index.html";

    private static readonly FrozenDictionary<string, string> Types = new Dictionary<string, string>
    {
        [".html"] = "text/html; charset=utf-8",
        [".css"] = "text/css; charset=utf-8",
        [".js"] = "text/javascript; charset=utf-8",
        [".mjs"] = "text/javascript; charset=utf-8",
        [".svg"] = "image/svg+xml",
    }.ToFrozenDictionary();

    // By path. What is of no known type (a licence) is not served.
    private static readonly FrozenDictionary<string, DashboardAsset> ByPath = typeof(DashboardAssets).Assembly.GetManifestResourceNames()
        .Where(n => n.StartsWith(Folder, StringComparison.Ordinal) && Types.ContainsKey(Path.GetExtension(n)))
        .ToFrozenDictionary(n => "/" + n[Folder.Length..], n => new DashboardAsset(Read(n), Types[Path.GetExtension(n)]), StringComparer.Ordinal);

    internal static DashboardAsset? TryGet(string path) => ByPath.GetValueOrDefault(path == "/" ? $"/{Index}" : path);

    private static byte[] Read(string name)
    {
        using Stream stream = typeof(DashboardAssets).Assembly.GetManifestResourceStream(name)!;
        using MemoryStream content = new();
        stream.CopyTo(content);
        return content.ToArray();
    }
}

internal sealed record DashboardAsset(byte[] Content, string Type)
{
    internal bool IsPage => Type.StartsWith("text/html", StringComparison.Ordinal);
}
