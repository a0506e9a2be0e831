using System.Text.RegularExpressions;
using Quilt.Core;

namespace Quilt.Images;

public readonly partial record struct ImageReference
{
    private const int LongestName = 255;

    /// <param name="field">The argument that held it, for the error.</param>
    /// <exception cref="QuiltException">InvalidArgument, saying which part is wrong.</exception>
    public static ImageReference Parse(string text, string field = "image") =>
        TryParse(text, out ImageReference reference, out string problem)
            ? reference
            : throw QuiltException.Invalid(field, $"{field} '{Text.Printable(text)}' {problem}", "give [DOMAIN/]NAME[:TAG][@sha256:DIGEST], in lower case but for the tag, such as quilt/busybox or debian:12");

    public static bool TryParse(string? text, out ImageReference reference) => TryParse(text, out reference, out _);

    private static bool TryParse(string? text, out ImageReference reference, out string problem)
    {
        reference = default;
        if (string.IsNullOrEmpty(text))
        {
            problem = "is empty";
            return false;
        }

        string name = text;
        Digest? digest = null;
        string? tag = null;
        int at = name.IndexOf('@', StringComparison.Ordinal);
        if (at >= 0)
        {
            if (!Core.Digest.TryParse(name[(at + 1)..], out Digest parsed))
            {
                problem = "has a digest that is not sha256: and 64 lower-case hexadecimal digits";
                return false;
            }

            digest = parsed;
            name = name[..at];
        }

        // A colon after the last slash starts the tag; one before it, a port.
        int colon = name.LastIndexOf(':');
        if (colon > name.LastIndexOf('/'))
        {
            tag = name[(colon + 1)..];
            name = name[..colon];
            if (!TagPattern().IsMatch(tag))
            {
                problem = "has a tag that is not 1 to 128 letters, digits, '_', '.' or '-', starting with a letter, digit or '_'";
                return false;
            }
        }

        if (!TrySplit(name, out string? domain, out string path, out problem))
        {
            return false;
        }

        reference = new ImageReference(domain, path, tag ?? (digest is null ? DefaultTag : null), digest);
        return true;
    }

    private static bool TrySplit(string name, out string? domain, out string path, out string problem)
    {
        (domain, path, problem) = (DockerHub, name, "");
        int slash = name.IndexOf('/', StringComparison.Ordinal);
        if (slash >= 0 && IsDomain(name.AsSpan(0, slash)))
        {
            (domain, path) = (name[..slash], name[(slash + 1)..]);
            if (!DomainPattern().IsMatch(domain))
            {
                problem = "has a domain that is not a host name or address with an optional port";
                return false;
            }

            domain = domain is "index.docker.io" ? DockerHub : domain;
        }
        else if (name.StartsWith(Own, StringComparison.Ordinal))
        {
            domain = null;
        }

        if (!PathPattern().IsMatch(path))
        {
            problem = PathPattern().IsMatch(path.ToLowerInvariant())
                ? "has capital letters in its name"
                : "has a name that is not made of lower-case letters and digits, parted by '/', '.', '_', '__' or '-'";
            return false;
        }

        if (path.Length == 64 && path.AsSpan().IndexOfAnyExcept("0123456789abcdef") < 0)
        {
            problem = "reads like an image's id, and is no name";
            return false;
        }

        if (domain == DockerHub && !path.Contains('/', StringComparison.Ordinal))
        {
            path = OfficialImages + path;
        }

        if ((domain?.Length + 1 ?? 0) + path.Length > LongestName)
        {
            problem = $"has a name of more than {LongestName} characters";
            return false;
        }

        return true;
    }

    /// <summary>The first part of a name is a host where it looks like one; no path may hold what makes it look so.</summary>
    private static bool IsDomain(ReadOnlySpan<char> first)
    {
        bool capitals = false;
        foreach (char c in first)
        {
            capitals |= char.IsAsciiLetterUpper(c);
        }

        return capitals || first.ContainsAny('.', ':') || first is "localhost";
    }

    [GeneratedRegex(@"\A[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}\z")]
    private static partial Regex TagPattern();

    [GeneratedRegex(@"\A(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*|\[[0-9a-fA-F:]{2,39}\])(?::[0-9]{1,5})?\z")]
    private static partial Regex DomainPattern();

    // No nested repetition that can match the same text in two ways: hostile names take linear time.
    [GeneratedRegex(@"\A[a-z0-9]+(?:(?:\.|__?|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:\.|__?|-+)[a-z0-9]+)*)*\z")]
    private static partial Regex PathPattern();
}
