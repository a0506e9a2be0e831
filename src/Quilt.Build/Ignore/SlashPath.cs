namespace Quilt.Build;

/// <summary>Paths as text, without a look at any file.</summary>
internal static class SlashPath
{
    /// <summary>The shortest path that means the same where there are no links: as Go's path.Clean. Of nothing it is <c>.</c>.</summary>
    internal static string Clean(string path)
    {
        bool rooted = path.StartsWith('/');
        List<string> names = [];
        foreach (string name in path.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            if (name == "..")
            {
                if (names.Count > 0 && names[^1] != "..")
                {
                    names.RemoveAt(names.Count - 1);
                }
                else if (!rooted)
                {
                    names.Add(name);
                }
            }
            else if (name != ".")
            {
                names.Add(name);
            }
        }

        string joined = string.Join('/', names);
        return rooted ? "/" + joined : joined.Length > 0 ? joined : ".";
    }

    /// <summary>A path seen from a folder: an absolute one stays.</summary>
    internal static string Join(string folder, string path) => Clean(path.StartsWith('/') ? path : $"{folder}/{path}");

    /// <summary>The names of a path below a root; <c>..</c> ends there.</summary>
    internal static string[] Names(string path) => Clean("/" + path).Split('/', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>The last name; empty of the root.</summary>
    internal static string Name(string path) => Names(path) is [.., { } last] ? last : "";
}
