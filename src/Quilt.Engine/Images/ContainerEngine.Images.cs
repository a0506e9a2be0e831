using Quilt.Core;
using Quilt.Images;

namespace Quilt.Engine;

public sealed partial class ContainerEngine
{
    private const int NamedUsers = 3;

    /// <summary>Takes a name away, or all names of a digest, and what nobody needs any more then.</summary>
    /// <param name="force">Also the last name of an image that containers are made of: they keep what they need of it.</param>
    /// <param name="mayTell">Whether whoever asks may know of a container.</param>
    /// <exception cref="QuiltException">NotFound; FailedPrecondition: containers are made of it, and which. Nothing has changed.</exception>
    public async Task<Collected> RemoveImageAsync(ImageReference reference, bool force, Func<ContainerRecord, bool> mayTell, CancellationToken cancellation)
    {
        StoredImage image = Images.TryFind(reference)
            ?? throw new QuiltException(ErrorCode.NotFound, $"there is no image '{reference}' here", "list the images for their names", "image");
        bool isLast = reference.Digest is not null || Images.List().Count(i => i.Digest == image.Digest) == 1;
        ContainerRecord[] users = [.. _containers.All().Select(c => c.Record).Where(r => r.ImageDigest == image.Digest)];
        if (isLast && users.Length > 0 && !force)
        {
            string[] named = [.. users.Where(mayTell).Take(NamedUsers).Select(u => $"'{u.Name}'")];
            string who = named.Length == 0 ? "containers of others" : string.Join(", ", named) + (users.Length > named.Length ? $" and {users.Length - named.Length} more" : "");
            throw new QuiltException(ErrorCode.FailedPrecondition, $"the image '{reference}' is used by {who}", "remove the containers first, or take its name away by force", "force");
        }

        Collected collected = await Images.RemoveAsync(reference, UsedImages, cancellation).ConfigureAwait(false);
        TrimHostLayers();
        return collected;
    }

    /// <inheritdoc cref="ImageStore.VerifyAsync"/>
    public Task<IReadOnlyList<ImageCheck>> VerifyImagesAsync(IReadOnlyList<ImageReference>? references, CancellationToken cancellation) => Images.VerifyAsync(
        references,
        UsedImages,
        images =>
        {
            _users.Forget(images);
            _hostLayers.Forget(images);
        },
        cancellation);

    /// <summary>Who creates a container of an image holds it, so that it is in the store until the container is there.</summary>
    private void TrimHostLayers() =>
        _hostLayers.Trim(UsedImages().Concat(Images.List().Select(i => i.Digest)).Concat(Images.ListDangling().Select(i => i.Digest)).ToHashSet());

    /// <summary>Manifests of the images that there are containers or snapshots of.</summary>
    private IReadOnlySet<Digest> UsedImages() => _containers.All().Select(c => c.Record.ImageDigest).Concat(_snapshots.All().Select(s => s.ImageDigest)).ToHashSet();
}
