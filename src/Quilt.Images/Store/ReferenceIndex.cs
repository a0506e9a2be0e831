using System.Text.Json;
using Quilt.Core;
using Quilt.Linux;

namespace Quilt.Images;

/// <summary>Which reference means which manifest: <c>index.json</c>, with which the store is an OCI image layout too.</summary>
internal sealed class ReferenceIndex(string folder)
{
    private const string FileName = ImageLayout.IndexFile, LockName = "index.lock";
    private const long LongestBytes = 64 << 20;

    private string FilePath => Path.Combine(folder, FileName);

    /// <summary>Differs from an earlier one where the list changed in between.</summary>
    internal (DateTime Written, long Length) Stamp()
    {
        FileInfo file = new(FilePath);
        return file.Exists ? (file.LastWriteTimeUtc, file.Length) : default;
    }

    internal IReadOnlyList<IndexEntry> Read()
    {
        byte[] content;
        try
        {
            if (new FileInfo(FilePath) is { Exists: true, Length: > LongestBytes })
            {
                throw new QuiltException(ErrorCode.Internal, "the list of images is too large to be one", $"look at {FileName} in the image store");
            }

            content = File.ReadAllBytes(FilePath);
        }
        catch (FileNotFoundException)
        {
            return [];
        }

        ImageIndex index = ImageJson.Read(content, ImageJson.Default.ImageIndex, "list");
        return [.. (index.Manifests ?? []).Select(IndexEntry.From).OfType<IndexEntry>().DistinctBy(e => e.Reference)];
    }

    /// <summary>Makes a reference mean a manifest. An image that loses its last name by that stays, dangling.</summary>
    internal Task NameAsync(IReadOnlyList<IndexEntry> named, CancellationToken cancellationToken) => UpdateAsync(
        entries =>
        {
            foreach (IndexEntry entry in named)
            {
                Name(entries, entry);
            }
        },
        cancellationToken);

    /// <summary>Changes the list, on the disk when it returns. Others that do the same at once wait for each other.</summary>
    internal async Task UpdateAsync(Action<List<IndexEntry>> change, CancellationToken cancellationToken)
    {
        using FileLock taken = await TakeAsync(Path.Combine(folder, LockName), cancellationToken).ConfigureAwait(false);
        IReadOnlyList<IndexEntry> before = Read();
        List<IndexEntry> entries = [.. before];
        change(entries);
        if (entries.SequenceEqual(before))
        {
            return;
        }

        ImageIndex index = new()
        {
            MediaType = MediaTypes.Index,
            Manifests = [.. entries.OrderBy(e => e.Reference.Canonical, StringComparer.Ordinal).Select(e => e.ToDescriptor())],
        };
        byte[] content = JsonSerializer.SerializeToUtf8Bytes(index, ImageJson.Default.ImageIndex);
        if (content.Length > LongestBytes && entries.Count > before.Count)
        {
            throw new QuiltException(ErrorCode.ResourceExhausted, $"there are {before.Count} names of images, and no more fit into the list", "take names away that nobody needs");
        }

        try
        {
            DurableFile.Write(folder, FileName, content);
        }
        catch (SyscallException e) when (DiskFull.Is(e))
        {
            throw StoreFull.Error(e);
        }
    }

    private static void Name(List<IndexEntry> entries, IndexEntry named)
    {
        Digest digest = named.Manifest.Digest;
        if (named.IsDangling && entries.Any(e => e.Manifest.Digest == digest))
        {
            return;
        }

        IndexEntry? before = entries.FirstOrDefault(e => e.Reference == named.Reference);
        entries.RemoveAll(e => e == before || (e.IsDangling && e.Manifest.Digest == digest));
        entries.Add(named);
        if (before is not null && !entries.Any(e => e.Manifest.Digest == before.Manifest.Digest))
        {
            entries.Add(before.Dangling());
        }
    }

    /// <summary>Waits on a thread of its own, for flock(2) knows no other way; a caller who gives up leaves no lock behind.</summary>
    private static async Task<FileLock> TakeAsync(string path, CancellationToken cancellationToken)
    {
        if (FileLock.TryTake(path) is { } atOnce)
        {
            return atOnce;
        }

        Task<FileLock> waiting = Task.Factory.StartNew(
            () => FileLock.Take(path), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        try
        {
            return await waiting.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            _ = waiting.ContinueWith(t => t.Result.Dispose(), CancellationToken.None, TaskContinuationOptions.OnlyOnRanToCompletion, TaskScheduler.Default);
            throw;
        }
    }
}
