using Quilt.Core;

namespace Quilt.Cli;

/// <summary>Where quiltd listens: a Unix socket.</summary>
internal sealed record DaemonAddress(string SocketPath)
{
    internal const string Default = "unix:///run/quilt/quilt.sock";
    private const string Scheme = "unix://";

    /// <summary>The option wins over the environment, and that over the default.</summary>
    internal static DaemonAddress Choose(string? option, string? environment) =>
        option is not null ? Parse(option, "--host") : !string.IsNullOrEmpty(environment) ? Parse(environment, "QUILT_HOST") : Parse(Default, "host");

    internal static DaemonAddress Parse(string text, string field)
    {
        string path = text.StartsWith(Scheme, StringComparison.Ordinal) ? text[Scheme.Length..] : "";
        return path.Length > 1 && path[0] == '/' && path[^1] != '/'
            ? new DaemonAddress(path)
            : throw QuiltException.Invalid(field, $"{field} '{text}' is not a daemon's address", "give unix:// and an absolute path, such as unix:///run/quilt/quilt.sock");
    }

    public override string ToString() => Scheme + SocketPath;
}
