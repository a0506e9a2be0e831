using Quilt.Core;

namespace Quilt.Images;

/// <summary>An image's documents, read and found sound. The three lists are of one length, lowest layer first.</summary>
internal sealed record ImageParts(
    Descriptor Manifest,
    Descriptor Config,
    ImageDocument Document,
    IReadOnlyList<Descriptor> Layers,
    IReadOnlyList<Digest> DiffIds,
    IReadOnlyList<Digest> ChainIds)
{
    /// <summary>Digests of all blobs, and chain ids of all layers.</summary>
    internal IEnumerable<Digest> All() => [Manifest.Digest, Config.Digest, .. Layers.Select(l => l.Digest), .. ChainIds];
}
