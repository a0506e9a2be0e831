using Quilt.Core;
using Quilt.Images;
using Quilt.Linux;

namespace Quilt.Engine;

public sealed partial class ContainerEngine
{
    /// <summary>What containers have written to their own layers and their image's volumes, as it lies on the disk. Looks at each file.</summary>
    /// <param name="agent">Who asks; empty: the operator.</param>
    public async Task<IReadOnlyDictionary<ContainerId, long>> WrittenBytesAsync(IReadOnlyList<ContainerId> containers, string agent, CancellationToken cancellation)
    {
        Dictionary<ContainerId, long> written = [];
        foreach (ContainerId id in containers)
        {
            written[id] = await _fileWork.RunAsync(agent, () => WrittenBytes(id, cancellation), cancellation).ConfigureAwait(false);
        }

        return written;
    }

    /// <summary>See <see cref="ImageStore.DiskUsage"/>: a look at each file of the store, of which there may be thousands.</summary>
    /// <param name="agent">Who asks; empty: the operator.</param>
    public Task<StoreUsage> ImageBytesAsync(string agent, CancellationToken cancellation) => _fileWork.RunAsync(agent, Images.DiskUsage, cancellation);

    private long WrittenBytes(ContainerId id, CancellationToken cancellation)
    {
        try
        {
            using ContainerFiles files = OpenFiles(_containers.Get(id));
            return files.Space?.UsedBytes ?? FoldersBytes(files.Layout, cancellation);
        }
        catch (QuiltException e) when (e.Code == ErrorCode.NotFound)
        {
            return 0; // removed meanwhile
        }
    }

    private static long FoldersBytes(Shim.Contract.BundleLayout layout, CancellationToken cancellation) =>
        FolderSize.Of(layout.Upper, cancellation) + (Directory.Exists(layout.Volumes) ? FolderSize.Of(layout.Volumes, cancellation) : 0);

    /// <summary>Of the folders that builds keep for their RUN --mount=type=cache.</summary>
    public Task<long> CacheMountBytesAsync(CancellationToken cancellation) => _fileWork.RunAsync("", () => _builder.CacheBytes(cancellation), cancellation);
}
