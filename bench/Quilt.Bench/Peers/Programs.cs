namespace Quilt.Bench.Peers;

/// <summary>Where programs are.</summary>
internal static class Programs
{
    /// <summary>The full path of a program on PATH or in the system's folders; null where it is not installed.</summary>
    public static string? Find(string name) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries)
            .Concat(["/usr/sbin", "/sbin", "/usr/bin"])
            .Select(folder => Path.Combine(folder, name))
            .FirstOrDefault(File.Exists);
}
