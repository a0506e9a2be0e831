using Quilt.Core;
using Quilt.Linux;

namespace Quilt.Engine;

public sealed partial class ContainerEngine
{
    /// <summary>What containers have written to their own layers, as it lies on the disk. Looks at each file.</summary>
    public Task<IReadOnlyDictionary<ContainerId, long>> WrittenBytesAsync(IReadOnlyList<ContainerId> containers, CancellationToken cancellation) => Task.Run(
        () => (IReadOnlyDictionary<ContainerId, long>)containers.ToDictionary(c => c, c => FolderSize.Of(UpperOf(c), cancellation)), cancellation);

    /// <summary>Of the folders that builds keep for their RUN --mount=type=cache.</summary>
    public long CacheMountBytes() => _builder.CacheBytes();
}
