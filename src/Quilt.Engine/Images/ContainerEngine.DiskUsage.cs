using Quilt.Core;

namespace Quilt.Engine;

public sealed partial class ContainerEngine
{
    /// <summary>What containers have written to their own layers, as it lies on the disk. Looks at each file.</summary>
    public Task<IReadOnlyDictionary<ContainerId, long>> WrittenBytesAsync(IReadOnlyList<ContainerId> containers, CancellationToken cancellation) => Task.Run(
        () => (IReadOnlyDictionary<ContainerId, long>)containers.ToDictionary(c => c, c => SizeOf(UpperOf(c), cancellation)), cancellation);

    private static long SizeOf(string folder, CancellationToken cancellation)
    {
        EnumerationOptions all = new() { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint };
        long bytes = 0;
        try
        {
            foreach (FileInfo file in new DirectoryInfo(folder).EnumerateFiles("*", all))
            {
                cancellation.ThrowIfCancellationRequested();
                bytes += file.Exists ? file.Length : 0;
            }
        }
        catch (IOException)
        {
            // It goes while we look: what was seen counts.
        }

        return bytes;
    }

    /// <summary>Of the folders that builds keep for their RUN --mount=type=cache.</summary>
    public long CacheMountBytes() => _builder.CacheBytes();
}
