using Quilt.Images;

namespace Quilt.Build;

/// <summary>Where the images come from that a build begins with or copies from.</summary>
public interface IBaseImages
{
    /// <summary>Brings it into the store where it is not there, as far as that is granted.</summary>
    /// <param name="lease">Of the build: holds the image until it has ended.</param>
    /// <exception cref="Core.QuiltException">NotFound, PermissionDenied: told at the line that names it.</exception>
    Task<StoredImage> FindAsync(ImageReference reference, Platform platform, ImageLease lease, CancellationToken cancellation);
}
