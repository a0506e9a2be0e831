using Quilt.Core;
using Quilt.Images;

namespace Quilt.Engine;

/// <summary>What a container's root is made of: an image, or what a build has made so far.</summary>
/// <param name="Digest">The same for the same content.</param>
/// <param name="LayerFolders">Absolute, lowest first.</param>
internal sealed record ImageRoot(ImageReference Reference, Digest Digest, IReadOnlyList<string> LayerFolders, ImageConfig Config)
{
    internal static ImageRoot Of(StoredImage image) => new(image.Reference, image.Digest, image.LayerFolders, image.Config);
}
