namespace Quilt.Bench.Processes;

/// <summary>The mounts of our own mount namespace, in the order they were made.</summary>
internal static class Mounts
{
    /// <summary>Mount point and file system of each.</summary>
    /// <seealso href="https://man7.org/linux/man-pages/man5/proc_pid_mountinfo.5.html"/>
    public static IReadOnlyList<(string Target, string FileSystem)> All() => [.. File.ReadLines("/proc/self/mountinfo").Select(Parse)];

    public static IReadOnlyList<string> Under(string folder) =>
        [.. All().Select(m => m.Target).Where(t => t == folder || t.StartsWith(folder + "/", StringComparison.Ordinal))];

    private static (string Target, string FileSystem) Parse(string line)
    {
        string[] fields = line.Split(' ');
        return (fields[4], fields[Array.IndexOf(fields, "-") + 1]);
    }
}
