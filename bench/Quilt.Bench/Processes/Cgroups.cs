namespace Quilt.Bench.Processes;

/// <summary>Groups by name, in whatever hierarchies this host has.</summary>
internal static class Cgroups
{
    private static IEnumerable<string> Hierarchies => Mounts.All().Where(m => m.FileSystem is "cgroup" or "cgroup2").Select(m => m.Target);

    /// <summary>Every group whose path has this text in one of its names.</summary>
    public static IReadOnlyList<string> Named(string text) =>
    [
        .. Hierarchies.SelectMany(h => Directory.EnumerateDirectories(h, "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint })
            .Where(d => d[h.Length..].Contains(text, StringComparison.Ordinal))),
    ];

    /// <summary>Removes a group and what is in it, in every hierarchy; those with processes stay.</summary>
    public static void Remove(string name)
    {
        foreach (string folder in Tree(name))
        {
            TryRemove(folder);
        }
    }

    /// <summary>The processes in a group of this name and below.</summary>
    public static IEnumerable<int> ProcessesIn(string name) => Tree(name).SelectMany(Processes);

    /// <summary>A group of this name in every hierarchy, each after what is in it.</summary>
    private static IEnumerable<string> Tree(string name) => Hierarchies.Select(h => Path.Combine(h, name)).Where(Directory.Exists)
        .SelectMany(f => Directory.EnumerateDirectories(f, "*", SearchOption.AllDirectories).OrderByDescending(d => d.Length).Append(f));

    /// <summary>Those in a group, and none where it is gone.</summary>
    private static IReadOnlyList<int> Processes(string folder)
    {
        try
        {
            return [.. File.ReadLines(Path.Combine(folder, "cgroup.procs")).Select(int.Parse)];
        }
        catch (IOException)
        {
            return [];
        }
    }

    private static void TryRemove(string folder)
    {
        try
        {
            // rmdir alone: the files of a group can't be unlinked.
            Directory.Delete(folder, recursive: false);
        }
        catch (IOException)
        {
            // Somebody is in it still, or it went by itself.
        }
    }
}
