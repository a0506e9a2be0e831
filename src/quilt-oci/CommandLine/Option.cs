namespace Quilt.OciRuntime;

/// <summary>An option of the command line.</summary>
/// <param name="Name">Without dashes.</param>
/// <param name="Value">What stands for its value in the help; null is a flag.</param>
/// <param name="Short">One letter, or null.</param>
/// <param name="Alias">A second name, also without dashes.</param>
internal sealed record Option(string Name, string? Value, string Description, string? Short = null, string? Alias = null)
{
    internal bool IsCalled(ReadOnlySpan<char> name) => name.SequenceEqual(Name) || name.SequenceEqual(Short) || name.SequenceEqual(Alias);

    /// <summary>The options before the command, which engines give to every OCI runtime. They are understood after it, too.</summary>
    internal static Option[] Common { get; } =
    [
        new("root", "FOLDER", "Where the containers' states are (/run/quilt-oci)"),
        new("log", "FILE", "File for messages, beside stderr"),
        new("log-format", "FORMAT", "text or json (text)"),
        new("systemd-cgroup", null, "linux.cgroupsPath is SLICE:PREFIX:NAME, a scope of systemd's"),
        new("debug", null, "Accepted for compatibility"),
        new("rootless", "WHEN", "Accepted for compatibility"),
        new("help", null, "Print this", "h"),
        new("version", null, "Print the version", "v"),
    ];
}
