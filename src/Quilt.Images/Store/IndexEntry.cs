using Quilt.Core;

namespace Quilt.Images;

/// <summary>That a reference means a manifest.</summary>
/// <param name="Reference">By tag, or by digest.</param>
/// <param name="IndexDigest">Of the multi-platform index the manifest was chosen from.</param>
/// <param name="IsDangling">The reference is by digest because the image has no name, not because it was asked for so.</param>
internal sealed record IndexEntry(ImageReference Reference, Descriptor Manifest, Digest? IndexDigest, bool IsDangling)
{
    private const string NameAnnotation = "dev.quilt.image.reference", IndexAnnotation = "dev.quilt.image.index", DanglingAnnotation = "dev.quilt.image.dangling";

    /// <returns>Null where the descriptor names nothing.</returns>
    internal static IndexEntry? From(Descriptor descriptor)
    {
        if (descriptor.Annotations?.GetValueOrDefault(NameAnnotation) is not { } name || !ImageReference.TryParse(name, out ImageReference reference))
        {
            return null;
        }

        Digest? index = Digest.TryParse(descriptor.Annotations.GetValueOrDefault(IndexAnnotation), out Digest digest) ? digest : null;
        return new IndexEntry(reference, descriptor with { Annotations = null }, index, descriptor.Annotations.ContainsKey(DanglingAnnotation));
    }

    internal Descriptor ToDescriptor()
    {
        Dictionary<string, string> annotations = new() { [NameAnnotation] = Reference.Canonical };
        if (IndexDigest is { } index)
        {
            annotations[IndexAnnotation] = index.ToString();
        }

        if (IsDangling)
        {
            annotations[DanglingAnnotation] = "true";
        }

        return Manifest with { Annotations = annotations };
    }

    /// <summary>The image without a name: found by digest until it is collected.</summary>
    internal IndexEntry Dangling() => this with { Reference = Reference.ByDigest(Manifest.Digest), IsDangling = true };
}
