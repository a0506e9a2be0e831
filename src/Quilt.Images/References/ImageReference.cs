using Quilt.Core;

namespace Quilt.Images;

/// <summary>
/// The full name of an image, by the rules that Docker made usual: <c>[domain[:port]/]path[:tag][@digest]</c>, where no
/// domain means Docker Hub, no path in it means <c>library/</c>, and neither tag nor digest means <c>latest</c>.
/// </summary>
/// <remarks>
/// <c>quilt/…</c> without a domain is Quilt's own and comes from no registry; Docker Hub's namesake is
/// <c>docker.io/quilt/…</c>. Two references that mean the same are equal.
/// </remarks>
public readonly partial record struct ImageReference
{
    public const string DefaultTag = "latest";
    private const string DockerHub = "docker.io", OfficialImages = "library/", Own = "quilt/", UnnamedPath = Own + "unnamed";
    private readonly string? _path;

    private ImageReference(string? domain, string path, string? tag, Digest? digest)
    {
        Domain = domain;
        _path = path;
        Tag = tag;
        Digest = digest;
    }

    /// <summary>The registry's host and port; null for what is Quilt's own.</summary>
    public string? Domain { get; }

    /// <summary>Within the registry, such as <c>library/debian</c>.</summary>
    public string Path => _path ?? throw new InvalidOperationException("an unset image reference was used");

    /// <summary>Null where the digest alone says which.</summary>
    public string? Tag { get; }

    public Digest? Digest { get; }

    /// <summary>Domain and path: what tags and digests are of.</summary>
    public string Repository => Domain is null ? Path : $"{Domain}/{Path}";

    /// <summary>With nothing left out.</summary>
    public string Canonical => Repository + Suffix;

    private string Suffix => (Tag is null ? "" : $":{Tag}") + (Digest is null ? "" : $"@{Digest}");

    public ImageReference WithTag(string tag, string field = "tag") => TagPattern().IsMatch(tag)
        ? new ImageReference(Domain, Path, tag, Digest)
        : throw QuiltException.Invalid(field, $"'{Text.Printable(tag)}' is not a tag", "use 1 to 128 letters, digits, '_', '.' or '-', not starting with '.' or '-'");

    /// <summary>The same repository's image by its manifest's digest alone.</summary>
    public ImageReference ByDigest(Digest digest) => new(Domain, Path, null, digest);

    public ImageReference WithDigest(Digest digest) => new(Domain, Path, Tag, digest);

    /// <summary>By tag alone, as the store keeps it.</summary>
    public ImageReference ByTag() => new(Domain, Path, Tag ?? DefaultTag, null);

    /// <summary>What an image is called that never had a name.</summary>
    internal static ImageReference Unnamed(Digest digest) => new(null, UnnamedPath, null, digest);

    /// <summary>As people write it: Docker Hub's domain and <c>library/</c> left out where nothing else would be meant.</summary>
    public override string ToString()
    {
        if (_path is null)
        {
            return "";
        }

        string name = Repository;
        if (Domain == DockerHub && !Path.StartsWith(Own, StringComparison.Ordinal))
        {
            bool official = Path.StartsWith(OfficialImages, StringComparison.Ordinal) && !Path.AsSpan(OfficialImages.Length).Contains('/');
            name = official ? Path[OfficialImages.Length..] : Path;
        }

        return name + Suffix;
    }
}
