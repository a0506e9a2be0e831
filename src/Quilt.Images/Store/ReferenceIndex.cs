using System.Text.Json;
using Quilt.Core;
using Quilt.Linux;

namespace Quilt.Images;

/// <summary>Which reference means which manifest: <c>index.json</c>, with which the store is an OCI image layout too.</summary>
internal sealed class ReferenceIndex(string folder)
{
    /// <summary>The annotation that holds the reference in full.</summary>
    private const string NameAnnotation = "dev.quilt.image.reference";
    private const string FileName = "index.json", LockName = "index.lock";
    private const long LongestBytes = 64 << 20;

    private string FilePath => Path.Combine(folder, FileName);

    /// <summary>Differs from an earlier one where the list changed in between.</summary>
    internal (DateTime Written, long Length) Stamp()
    {
        FileInfo file = new(FilePath);
        return file.Exists ? (file.LastWriteTimeUtc, file.Length) : default;
    }

    internal IReadOnlyDictionary<ImageReference, Descriptor> Read()
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
            return new Dictionary<ImageReference, Descriptor>();
        }

        Dictionary<ImageReference, Descriptor> references = [];
        foreach (Descriptor descriptor in ImageJson.Read(content, ImageJson.Default.ImageIndex, "list").Manifests ?? [])
        {
            if (descriptor.Annotations?.GetValueOrDefault(NameAnnotation) is { } name && ImageReference.TryParse(name, out ImageReference reference))
            {
                references[reference] = descriptor;
            }
        }

        return references;
    }

    /// <summary>Makes a reference mean a manifest, on the disk when it returns. Others that do the same at once wait for each other.</summary>
    internal async Task SetAsync(ImageReference reference, Descriptor manifest, CancellationToken cancellationToken)
    {
        using FileLock taken = await TakeAsync(Path.Combine(folder, LockName), cancellationToken).ConfigureAwait(false);
        Dictionary<ImageReference, Descriptor> references = new(Read())
        {
            [reference] = manifest with { Annotations = new Dictionary<string, string> { [NameAnnotation] = reference.Canonical } },
        };
        ImageIndex index = new()
        {
            MediaType = MediaTypes.Index,
            Manifests = [.. references.OrderBy(r => r.Key.Canonical, StringComparer.Ordinal).Select(r => r.Value)],
        };
        DurableFile.Write(folder, FileName, JsonSerializer.SerializeToUtf8Bytes(index, ImageJson.Default.ImageIndex));
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
