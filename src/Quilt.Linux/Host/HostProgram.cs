namespace Quilt.Linux;

/// <summary>Finds programs of the host's.</summary>
public static class HostProgram
{
    /// <summary>On PATH, or where administrators' programs are, which is not on everybody's PATH. Null where there is none.</summary>
    public static string? Find(string name) => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries)
        .Concat(["/usr/sbin", "/sbin"]).Select(folder => Path.Combine(folder, name)).FirstOrDefault(File.Exists);
}
