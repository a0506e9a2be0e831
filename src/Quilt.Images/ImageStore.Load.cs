using Quilt.Core;
using Quilt.Linux;

namespace Quilt.Images;

public sealed partial class ImageStore
{
    private const int MostLoaded = 1000;

    /// <summary>Brings in the images of an archive: an OCI image layout, or what <c>docker save</c> writes.</summary>
    /// <param name="archive">Plain, or compressed (<see cref="Decompression"/>); read to its end.</param>
    /// <param name="mayName">Asked for each name, before any image gets one; throws where one may not be given.</param>
    /// <returns>Each image under each of its names; one without any is dangling.</returns>
    /// <exception cref="QuiltException">InvalidArgument where it holds no image that can be used; of the images before a bad one none has got its name.</exception>
    public async Task<IReadOnlyList<StoredImage>> LoadAsync(Stream archive, IProgress<TransferProgress>? progress, Action<ImageReference>? mayName, CancellationToken cancellation)
    {
        using SpaceLimit.SpaceShare space = _space.Begin();
        using ArchiveFiles files = await Task.Run(() => ArchiveFiles.Read(archive, _ingest, _options.Unpacking, space, cancellation), cancellation).ConfigureAwait(false);
        return await LoadAsync(files, progress, mayName, cancellation).ConfigureAwait(false);
    }

    /// <summary>As <see cref="LoadAsync(Stream, IProgress{TransferProgress}?, Action{ImageReference}?, CancellationToken)"/>, from a folder with such a layout.</summary>
    /// <param name="folder">Stays its owner's. Nothing outside it is read, whatever links are in it.</param>
    public Task<IReadOnlyList<StoredImage>> LoadFolderAsync(FileDescriptor folder, IProgress<TransferProgress>? progress, Action<ImageReference>? mayName, CancellationToken cancellation) =>
        LoadAsync(new FolderFiles(folder), progress, mayName, cancellation);

    private async Task<IReadOnlyList<StoredImage>> LoadAsync(ILayoutFiles files, IProgress<TransferProgress>? progress, Action<ImageReference>? mayName, CancellationToken cancellation)
    {
        using ImageLease lease = Lease();
        List<Digest> brought = [];
        try
        {
            return await LoadAsync(files, lease, brought, progress, mayName, cancellation).ConfigureAwait(false);
        }
        catch when (brought.Count > 0)
        {
            // The images before a bad one are whole, and have no name by which anybody would find or remove them.
            lease.Dispose();
            await ForgetAsync(brought, []).ConfigureAwait(false);
            throw;
        }
    }

    /// <param name="brought">Gets what was not here before.</param>
    private async Task<IReadOnlyList<StoredImage>> LoadAsync(
        ILayoutFiles files, ImageLease lease, List<Digest> brought, IProgress<TransferProgress>? progress, Action<ImageReference>? mayName, CancellationToken cancellation)
    {
        LayoutDocuments documents = new(files);
        List<IndexEntry> entries = [];
        if (documents.TryRead(ImageLayout.IndexFile, ImageJson.Default.ImageIndex) is { } index)
        {
            LayoutSource source = new(files);
            IReadOnlyList<LayoutImage> images = documents.Images(index);
            foreach (LayoutImage image in images)
            {
                documents.RequireHeld(image.Manifest);
                entries.AddRange(Entries(Plain(image.Manifest), image.Names, image.Index?.Digest));
            }

            Ask(mayName, entries); // before anything is brought: what may not be named leaves nothing
            foreach (LayoutImage image in images)
            {
                brought.AddRange(await BringAsync(image.Manifest, source, lease, progress, cancellation).ConfigureAwait(false));
            }
        }
        else if (documents.TryRead(ImageLayout.DockerManifestFile, ImageJson.Default.IReadOnlyListDockerArchiveItem) is { } items)
        {
            foreach (DockerArchiveItem item in items.OfType<DockerArchiveItem>().Take(MostLoaded + 1))
            {
                Descriptor manifest = await BringAsync(item, files, documents, lease, brought, cancellation).ConfigureAwait(false);
                entries.AddRange(Entries(manifest, [.. (item.RepoTags ?? []).OfType<string>().Take(MostLoaded + 1).Select(t => ImageReference.Parse(t, "archive"))], null));
            }

            Ask(mayName, entries);
        }

        if (entries.Count == 0)
        {
            throw QuiltException.Invalid("archive", "it holds no image for this machine", "give an archive of 'quilt save', 'docker save' or of an OCI image layout");
        }

        if (entries.Count > MostLoaded)
        {
            throw QuiltException.Invalid("archive", $"it gives more than {MostLoaded} names", "save the images in several archives");
        }

        await _index.NameAsync(entries, cancellation).ConfigureAwait(false);
        ImageCatalog catalog = Reload();
        return [.. entries.Select(e => Named(catalog, e.Reference, e.Manifest.Digest))];
    }

    private static void Ask(Action<ImageReference>? mayName, IEnumerable<IndexEntry> entries)
    {
        foreach (IndexEntry named in entries.Where(e => !e.IsDangling))
        {
            mayName?.Invoke(named.Reference);
        }
    }

    private static IReadOnlyList<IndexEntry> Entries(Descriptor manifest, IReadOnlyList<ImageReference> names, Digest? index) => names.Count == 0
        ? [new IndexEntry(ImageReference.Unnamed(manifest.Digest), manifest, index, IsDangling: true)]
        : [.. names.Select(n => new IndexEntry(n.Tag is null ? n.ByDigest(manifest.Digest) : n.ByTag(), manifest, index, IsDangling: false))];

    /// <summary>An image that Docker saved: its configuration is kept as it is, its layers are compressed, and a manifest is made for them.</summary>
    private async Task<Descriptor> BringAsync(DockerArchiveItem item, ILayoutFiles files, LayoutDocuments documents, ImageLease lease, List<Digest> brought, CancellationToken cancellation)
    {
        byte[] config = documents.TryReadBytes(item.Config ?? "") ?? throw Missing(item.Config, "configuration");
        IReadOnlyList<Digest> diffIds = ImageJson.Read(config, ImageJson.Default.ImageDocument, "configuration").Rootfs?.DiffIds ?? [];
        IReadOnlyList<string> paths = item.Layers ?? [];
        if (paths.Count != diffIds.Count)
        {
            throw QuiltException.Invalid("archive", $"it lists {paths.Count} layers, and the configuration {diffIds.Count}", "save the image anew");
        }

        List<StoredLayer> layers = [];
        for (int i = 0; i < paths.Count; i++)
        {
            using Stream archive = files.TryOpen(paths[i]) ?? throw Missing(paths[i], "layer");
            StoredLayer layer = await AddLayerAsync(lease, layers, archive, brought, cancellation).ConfigureAwait(false);
            layers.Add(layer.DiffId == diffIds[i] ? layer : throw Malformed.Layer($"it unpacks to {layer.DiffId} and should to {diffIds[i]}"));
        }

        NewImage made = NewImage.Of(config, layers);
        brought.AddRange(made.Documents.Select(d => d.Descriptor.Digest).Where(IsNew));
        return await WriteAsync(lease, made, cancellation).ConfigureAwait(false);

        static QuiltException Missing(string? path, string what) =>
            QuiltException.Invalid("archive", $"the {what} '{Text.Printable(path ?? "")}' is missing in it", "save the image anew");
    }

    /// <summary>Writes an image's documents, and sees that it can be used.</summary>
    /// <returns>Of the manifest.</returns>
    private async Task<Descriptor> WriteAsync(ImageLease lease, NewImage made, CancellationToken cancellation)
    {
        foreach ((Descriptor descriptor, byte[] content) in made.Documents)
        {
            lease.Hold(descriptor.Digest);
            await Blobs.WriteAsync(descriptor, content, cancellation).ConfigureAwait(false);
        }

        _ = _reader.Read(made.Manifest);
        return made.Manifest;
    }
}
