using Quilt.Core;

namespace Quilt.Images;

/// <summary>A layer that is in the store, as a blob and unpacked.</summary>
/// <param name="Blob">Its archive, usually compressed.</param>
/// <param name="DiffId">Of the uncompressed archive.</param>
/// <param name="ChainId">Of it on top of the layers below (OCI image-spec, config).</param>
/// <param name="Folder">Absolute; owned by unshifted ids. What overlayfs takes as a lower one.</param>
public sealed record StoredLayer(Descriptor Blob, Digest DiffId, Digest ChainId, string Folder);
