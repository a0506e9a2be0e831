using Quilt.Core;
using Quilt.Images;
using Quilt.Linux;

namespace Quilt.Build;

/// <summary>Builds images of Dockerfiles. One for all builds of a store; safe for use by many threads.</summary>
/// <seealso href="https://docs.docker.com/reference/dockerfile/"/>
public sealed class Builder
{
    private readonly BuildServices _services;
    private readonly string _work;

    /// <param name="folder">Of its own, for the cache and for what a build has on its way. What an earlier process left half done in it is removed.</param>
    public Builder(ImageStore store, string folder, TimeProvider? time = null)
    {
        _work = Path.Combine(folder, "work");
        FolderRemoval.Remove(_work);
        Directory.CreateDirectory(_work);
        _services = new BuildServices(
            store, new StepCache(Path.Combine(folder, "steps"), store), new CacheMounts(Path.Combine(folder, "mounts")), time ?? TimeProvider.System);
    }

    /// <summary>Builds an image, and gives it its names.</summary>
    /// <param name="events">What becomes of it; one call at a time, by whatever thread. It must not wait for the build.</param>
    /// <exception cref="QuiltException">
    /// InvalidArgument of a Dockerfile that is wrong, with its place; FailedPrecondition of a command that ended badly, with its
    /// last lines; what an image could not be had for. No image is named, and what was made is collected.
    /// </exception>
    /// <exception cref="OperationCanceledException">Nothing of it runs any more.</exception>
    public async Task<StoredImage> BuildAsync(BuildRequest request, BuildHelpers helpers, Action<BuildEvent> events, CancellationToken cancellation)
    {
        Dockerfile dockerfile = DockerfileReader.Read(request.DockerfileName, request.Dockerfile.Span);
        BuildPlan plan = BuildPlan.Of(dockerfile, request);
        string folder = Path.Combine(_work, Guid.NewGuid().ToString("N"));
        await using BuildSession session = new(_services, helpers, request, plan, folder, events, cancellation);
        foreach (BuildWarning warning in dockerfile.Warnings)
        {
            session.Warn(warning);
        }

        if (dockerfile.Directives.WarningsAreErrors && dockerfile.Warnings is [{ } first, ..])
        {
            throw dockerfile.Source.Error(first.Position, $"{first.Rule}: {first.Message}", "mend it, or take 'error=true' out of the check directive");
        }

        StageResult result;
        try
        {
            result = await session.StageAsync(plan.Target).ConfigureAwait(false);
        }
        catch (Exception) when (!cancellation.IsCancellationRequested && session.Failure is not null)
        {
            throw session.Failure;
        }

        foreach (string name in session.UnusedArguments())
        {
            session.Warn(new BuildWarning("UnusedBuildArgument", $"no ARG of the target asks for the build argument '{Text.Printable(name)}'", new SourcePosition(1, 1)));
        }

        return await WriteAsync(session, result, cancellation).ConfigureAwait(false);
    }

    /// <summary>Removes cached steps and cache mounts that were not used since a moment. Layers go when the store collects.</summary>
    /// <returns>How many bytes of cache mounts that gave back.</returns>
    public long PruneCache(DateTimeOffset unusedSince)
    {
        _services.Steps.Forget(unusedSince);
        return _services.Mounts.Remove(unusedSince);
    }

    /// <summary>Keeps the layers of cached steps from being collected as long as the lease holds.</summary>
    public void HoldCache(ImageLease lease) => _services.Steps.Hold(lease);

    /// <summary>Of all cache mounts, in bytes.</summary>
    public long CacheBytes(CancellationToken cancellation = default) => _services.Mounts.Size(cancellation);

    private static async Task<StoredImage> WriteAsync(BuildSession session, StageResult result, CancellationToken cancellation)
    {
        ImageDocument document = result.Document;
        if (session.Request.Labels.Count > 0)
        {
            SortedDictionary<string, string> labels = new(StringComparer.Ordinal);
            foreach ((string name, string value) in (document.Config?.Labels ?? new Dictionary<string, string>()).Concat(session.Request.Labels))
            {
                labels[name] = value;
            }

            document = document with { Config = (document.Config ?? new ImageDocumentConfig()) with { Labels = labels } };
        }

        IReadOnlyList<StoredLayer> layers = result.Layers;
        if (layers.Count == 0)
        {
            // An image has at least one: of a Dockerfile that brings in no file it is empty.
            layers = [await session.Services.Store.AddLayerAsync(session.Lease, [], static (output, _) =>
            {
                using ArchiveWriter archive = new(output);
                archive.Complete();
            }, cancellation).ConfigureAwait(false)];
            document = document with { History = [.. document.History ?? [], new ImageHistory { Created = session.Now, CreatedBy = "no files" }] };
        }

        document = document with { Created = session.Epoch ?? document.Created ?? session.Now };
        return await session.Services.Store.WriteImageAsync(session.Lease, session.Request.Tags, document, layers, cancellation).ConfigureAwait(false);
    }
}
