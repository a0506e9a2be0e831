using System.Text.Json.Serialization.Metadata;
using Quilt.Core;

namespace Quilt.Images;

/// <summary>Reads a layout's documents, and trusts nothing in them.</summary>
internal sealed class LayoutDocuments(ILayoutFiles files)
{
    private const int DeepestIndex = 4, MostManifests = 1000;
    private int _visited;

    /// <summary>Null where there is no such document.</summary>
    internal T? TryRead<T>(string path, JsonTypeInfo<T> type)
        where T : class
    {
        byte[]? content = TryReadBytes(path);
        return content is null ? null : ImageJson.Read(content, type, path);
    }

    /// <exception cref="QuiltException">InvalidArgument where it is too large to be a document.</exception>
    internal byte[]? TryReadBytes(string path)
    {
        using Stream? stream = files.TryOpen(path);
        if (stream is null)
        {
            return null;
        }

        if (stream.Length > ImageLayout.LongestDocument)
        {
            throw QuiltException.Invalid("archive", $"'{Text.Printable(path)}' in it has {stream.Length} bytes, too many for a document", "save the image anew");
        }

        byte[] content = new byte[stream.Length];
        stream.ReadExactly(content);
        return content;
    }

    /// <summary>
    /// Who gives an image has its documents: a digest alone, which others see too, would make an image of somebody else's that is
    /// in the store already one's own.
    /// </summary>
    /// <exception cref="QuiltException">InvalidArgument: its manifest or configuration is missing, or is another.</exception>
    internal void RequireHeld(Descriptor manifest)
    {
        Descriptor? config = ImageJson.Read(Held(manifest, "manifest"), ImageJson.Default.ImageManifest, "manifest").Config;
        if (config is not null)
        {
            Held(config, "configuration");
        }
    }

    private byte[] Held(Descriptor document, string what)
    {
        byte[] content = TryReadBytes(ImageLayout.PathOf(document.Digest))
            ?? throw QuiltException.Invalid("archive", $"the {what} {document.Digest} is missing in it", "save the image anew");
        return Digest.Compute(content) == document.Digest ? content : throw BlobStore.Mismatch(document, $"has the digest {Digest.Compute(content)}");
    }

    /// <summary>The manifests that an index leads to, through further ones too, with the names that were given on the way and the outermost index within.</summary>
    internal IReadOnlyList<LayoutImage> Images(ImageIndex index)
    {
        List<LayoutImage> images = [];
        foreach (Descriptor descriptor in index.Manifests ?? [])
        {
            Collect(descriptor, descriptor is null ? [] : Names(descriptor), null, 0, images);
        }

        return images;
    }

    private void Collect(Descriptor descriptor, IReadOnlyList<ImageReference> names, Descriptor? outer, int depth, List<LayoutImage> images)
    {
        // Those of indexes too: what leads to no image would lead on without end.
        if (descriptor is null || descriptor.Digest == default || ++_visited > MostManifests)
        {
            throw QuiltException.Invalid("archive", $"its list of images lacks a digest, or has more than {MostManifests}", "save the images anew");
        }

        if (!MediaTypes.IsIndex(descriptor.MediaType))
        {
            images.Add(new LayoutImage(descriptor, outer, names));
            return;
        }

        // A circle has no bottom; digests make one impossible, but the archive's files need not be what their digests say.
        if (depth == DeepestIndex)
        {
            throw QuiltException.Invalid("archive", $"its indexes are nested more than {DeepestIndex} deep", "save the images anew");
        }

        foreach (Descriptor inner in ImageJson.Read(Held(descriptor, "index"), ImageJson.Default.ImageIndex, "index").Manifests ?? [])
        {
            // Of several platforms' images those that can run here are taken.
            if (inner?.Platform is null || PlatformSelection.Fits(PlatformName.Machine, inner.Platform))
            {
                Collect(inner!, names, outer ?? descriptor, depth + 1, images);
            }
        }
    }

    private static IReadOnlyList<ImageReference> Names(Descriptor descriptor)
    {
        IReadOnlyDictionary<string, string> annotations = descriptor.Annotations ?? new Dictionary<string, string>();
        if (ImageReference.TryParse(annotations.GetValueOrDefault(ImageLayout.FullNameAnnotation), out ImageReference full))
        {
            return [full];
        }

        // A tag alone names nothing: whose it is, is not said.
        string name = annotations.GetValueOrDefault(ImageLayout.RefNameAnnotation) ?? "";
        return name.AsSpan().ContainsAny(':', '/') && ImageReference.TryParse(name, out ImageReference reference) ? [reference] : [];
    }
}

/// <summary>An image in a layout.</summary>
/// <param name="Index">The multi-platform index it is in, if any.</param>
internal sealed record LayoutImage(Descriptor Manifest, Descriptor? Index, IReadOnlyList<ImageReference> Names);
