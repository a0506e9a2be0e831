using Quilt.Build;
using Quilt.Core;
using Quilt.Images;

namespace Quilt.Engine;

public sealed partial class ContainerEngine
{
    /// <summary>Builds an image of a Dockerfile.</summary>
    /// <param name="images">What the build may begin with.</param>
    /// <exception cref="QuiltException">As <see cref="Builder.BuildAsync"/>.</exception>
    public async Task<StoredImage> BuildAsync(StepPlacement placement, IBaseImages images, BuildRequest request, Action<BuildEvent> events, CancellationToken cancellation)
    {
        using RemoteSources? remote = placement.Egress.Count == 0 ? null : new RemoteSources(new RemoteOptions { Instance = InstanceName, MayDial = (host, address) => placement.Egress.Any(e => e.LeadsTo(host, address)) });
        return await _builder.BuildAsync(request, new BuildHelpers(new StepRunner(this, placement), images, remote), events, cancellation).ConfigureAwait(false);
    }

    /// <summary>Removes images that are not wanted and that no container is made of, and what belongs to none.</summary>
    /// <param name="unwanted">Asked for each name of an image.</param>
    /// <param name="buildCache">What builds have kept for the next one goes too.</param>
    public async Task<Collected> PruneImagesAsync(Func<StoredImage, bool> unwanted, bool buildCache, CancellationToken cancellation)
    {
        using ImageLease kept = Images.Lease();
        long freed = 0;
        if (buildCache)
        {
            freed = _builder.PruneCache(DateTimeOffset.MaxValue);
        }
        else
        {
            _builder.HoldCache(kept);
        }

        Collected collected = await Images.CollectAsync(UsedImages, unwanted, cancellation).ConfigureAwait(false);
        TrimHostLayers();
        return collected with { FreedBytes = collected.FreedBytes + freed };
    }
}
