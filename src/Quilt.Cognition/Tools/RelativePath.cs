namespace Quilt.Cognition;

/// <summary>Paths in a project's folder, which cannot leave it.</summary>
internal static class RelativePath
{
    private const int MaxLength = 400;

    public static bool IsSafe(string path) =>
        Normalize(path) is { Length: > 0 and <= MaxLength } normal
        && !path.StartsWith('/')
        && !normal.EndsWith('/')
        && !path.Any(c => c is '\\' or ':' || char.IsControl(c))
        && !normal.StartsWith('~')
        && normal.Split('/').All(part => part is not ("" or "." or ".."));

    /// <summary>Without a leading './'.</summary>
    public static string Normalize(string path)
    {
        while (path.StartsWith("./", StringComparison.Ordinal))
        {
            path = path[2..];
        }

        return path;
    }
}
