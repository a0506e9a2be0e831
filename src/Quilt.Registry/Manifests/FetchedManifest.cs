using System.Text.Json;
using Quilt.Core;
using Quilt.Images;

namespace Quilt.Registry;

/// <summary>A manifest or an index as a registry gave it, verified.</summary>
internal sealed record FetchedManifest(Descriptor Descriptor, byte[] Content)
{
    private const int MostEntries = 1024;

    internal bool IsIndex => MediaTypes.IsIndex(Descriptor.MediaType);

    /// <summary>An index's entries.</summary>
    /// <exception cref="QuiltException">InvalidArgument: it is damaged. ResourceExhausted: it has too many.</exception>
    internal IReadOnlyList<Descriptor> Entries(string image)
    {
        IReadOnlyList<Descriptor> entries = ImageJson.Read(Content, ImageJson.Default.ImageIndex, "index").Manifests ?? [];
        if (entries.Count > MostEntries)
        {
            throw new QuiltException(ErrorCode.ResourceExhausted, $"the index of {image} lists {entries.Count} images; at most {MostEntries} are looked at", "name the image that is meant by its digest");
        }

        return [.. entries.Where(e => e is { Size: >= 0 } && e.Digest != default)];
    }

    /// <summary>Finds out what it is, by what the registry says and what it says itself; the two must not contradict.</summary>
    /// <param name="type">Of the answer; null where the registry does not say.</param>
    /// <exception cref="QuiltException">Unimplemented: schema 1. InvalidArgument: neither manifest nor index, or both.</exception>
    internal static FetchedManifest Of(byte[] content, string? type, string image)
    {
        ManifestShape shape = ManifestShape.Of(content, image);
        if (shape.SchemaVersion == 1 || type is ManifestTypes.Schema1 or ManifestTypes.Schema1Signed)
        {
            throw new QuiltException(ErrorCode.Unimplemented, $"the image {image} has a manifest of schema 1, which nobody has made for years", "have it pushed again by a current Docker, or use another tag");
        }

        bool isKnown = type is not null && (MediaTypes.IsManifest(type) || MediaTypes.IsIndex(type));
        string? own = shape.MediaType ?? (isKnown ? type : shape switch
        {
            { HasManifests: true, HasLayers: false } => MediaTypes.Index,
            { HasManifests: false, HasLayers: true } => MediaTypes.Manifest,
            _ => null,
        });
        bool contradicts = (isKnown && own != type) || (shape.HasManifests && shape.HasLayers);
        if (contradicts || own is null || !(MediaTypes.IsManifest(own) || MediaTypes.IsIndex(own)))
        {
            throw QuiltException.Invalid("image", $"the image {image} has a manifest of an unknown kind: '{Text.Printable(own ?? type ?? "")}'" + (contradicts ? ", and it contradicts itself" : ""), "use a tag of a container image");
        }

        return new FetchedManifest(Descriptor.Of(own, content), content);
    }
}

/// <summary>What is read of a manifest before it is known what it is.</summary>
internal readonly record struct ManifestShape(int SchemaVersion, string? MediaType, bool HasManifests, bool HasLayers)
{
    internal static ManifestShape Of(byte[] content, string image)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(content, new JsonDocumentOptions { AllowDuplicateProperties = false });
            JsonElement root = document.RootElement;
            return new ManifestShape(
                root.TryGetProperty("schemaVersion", out JsonElement version) && version.TryGetInt32(out int number) ? number : 0,
                root.TryGetProperty("mediaType", out JsonElement type) ? type.GetString() : null,
                root.TryGetProperty("manifests", out _),
                root.TryGetProperty("layers", out _) || root.TryGetProperty("config", out _));
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw QuiltException.Invalid("image", $"the manifest of {image} is not valid JSON, or names something twice", "the registry is damaged or is none; ask its operator");
        }
    }
}
