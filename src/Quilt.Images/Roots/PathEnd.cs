namespace Quilt.Images;

/// <summary>What a path of the host's says of the end of a copy, by <c>cp</c>'s rules.</summary>
public static class PathEnd
{
    /// <summary>Of a folder that is there, for <see cref="CopyPlacing.As"/>: what comes lands in it.</summary>
    public const string Inside = "/.";

    /// <summary>Under which what is there goes into an archive; empty: what is in it, without a name for itself.</summary>
    public static string NameOf(string path) => LastOf(path) is var last && last is "." or ".." ? "" : last;

    /// <summary>Of what is not there yet: the folder that it comes into, and its path in that. A slash at the end stays: it means a folder.</summary>
    public static (string Folder, string Path) Split(string path)
    {
        string plain = path.TrimEnd('/');
        string folder = plain.LastIndexOf('/') switch { < 0 => ".", 0 => "/", var slash => plain[..slash] };
        return (folder, $"/{LastOf(path)}{path[plain.Length..]}");
    }

    private static string LastOf(string path) => path.TrimEnd('/') is var plain ? plain[(plain.LastIndexOf('/') + 1)..] : "";
}
