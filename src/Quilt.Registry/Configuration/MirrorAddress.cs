using Quilt.Images;

namespace Quilt.Registry;

/// <summary>Where a mirror is: <c>[http[s]://]HOST[:PORT][/PREFIX]</c>.</summary>
/// <param name="Scheme">Null where it is not said.</param>
/// <param name="Host">With its port, where it has one.</param>
/// <param name="Prefix">Put before the repository's path; empty or ending in '/'.</param>
internal sealed record MirrorAddress(string? Scheme, string Host, string Prefix)
{
    private static readonly string[] Schemes = ["https", "http"];

    /// <exception cref="Core.QuiltException">InvalidArgument: it is none.</exception>
    internal static MirrorAddress Parse(string text, string registry)
    {
        string? scheme = Array.Find(Schemes, s => text.StartsWith(s + "://", StringComparison.Ordinal));
        string rest = (scheme is null ? text : text[(scheme.Length + 3)..]).TrimEnd('/');
        int slash = rest.IndexOf('/', StringComparison.Ordinal);
        string host = slash < 0 ? rest : rest[..slash];
        string prefix = slash < 0 ? "" : rest[(slash + 1)..] + "/";
        return ImageReference.TryParse($"{host}/{prefix}x", out ImageReference reference) && reference.Domain == host
            ? new MirrorAddress(scheme, host, prefix)
            : throw RegistryOptions.Bad(registry, $"has the mirror '{Core.Text.Printable(text)}', which is not [http[s]://]HOST[:PORT][/PREFIX]");
    }
}
