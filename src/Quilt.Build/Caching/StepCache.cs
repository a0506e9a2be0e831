using System.Text.Json;
using Quilt.Core;
using Quilt.Images;
using Quilt.Linux;

namespace Quilt.Build;

/// <summary>
/// Which layer each step made, by all that the step depends on. The layers are the store's: one that no image has any more may
/// be collected, and its entry is then as good as none.
/// </summary>
internal sealed class StepCache
{
    private readonly string _folder;
    private readonly ImageStore _store;

    internal StepCache(string folder, ImageStore store)
    {
        _folder = folder;
        _store = store;
        Directory.CreateDirectory(folder);
        DurableFile.RemoveAbandoned(folder);
    }

    /// <summary>The layer of an earlier step, held by the lease; null where there is none any more.</summary>
    internal CachedStep? TryFind(Digest key, ImageLease lease)
    {
        string path = PathOf(key);
        CachedStep? found = Read(path);
        if (found is null)
        {
            return null;
        }

        // Held first, looked for afterwards: what is there then stays.
        if (found.TryLayer() is not { } layer)
        {
            return null;
        }

        lease.Hold(layer);
        if (!Directory.Exists(layer.Folder) || !_store.Blobs.Contains(layer.Blob.Digest))
        {
            return null;
        }

        try
        {
            File.SetLastWriteTimeUtc(path, DateTimeOffset.UtcNow.UtcDateTime);
        }
        catch (FileNotFoundException)
        {
            // Pruned just now: its layer is held, and stays.
        }

        return found;
    }

    /// <summary>Keeps the layers of all entries from being collected as long as the lease holds.</summary>
    internal void Hold(ImageLease lease)
    {
        foreach (string path in Directory.EnumerateFiles(_folder))
        {
            if (Read(path)?.TryLayer() is { } layer)
            {
                lease.Hold(layer);
            }
        }
    }

    internal void Add(Digest key, CachedStep step) =>
        DurableFile.Write(_folder, Path.GetFileName(PathOf(key)), JsonSerializer.SerializeToUtf8Bytes(step, CacheJson.Default.CachedStep), synchronize: false);

    /// <summary>Forgets what was not used since a moment.</summary>
    /// <returns>How many entries.</returns>
    internal int Forget(DateTimeOffset unusedSince)
    {
        int count = 0;
        foreach (string path in Directory.EnumerateFiles(_folder).Where(p => File.GetLastWriteTimeUtc(p) < unusedSince.UtcDateTime))
        {
            File.Delete(path);
            count++;
        }

        return count;
    }

    private static CachedStep? Read(string path)
    {
        try
        {
            return Sys.TryReadFile(path) is { } content ? JsonSerializer.Deserialize(content, CacheJson.Default.CachedStep) : null;
        }
        catch (JsonException)
        {
            return null; // cut off by a crash of the machine; it is made again
        }
    }

    private string PathOf(Digest key) => Path.Combine(_folder, key.Hex + ".json");
}
