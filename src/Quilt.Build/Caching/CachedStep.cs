using System.Text.Json.Serialization;
using Quilt.Core;
using Quilt.Images;

namespace Quilt.Build;

/// <summary>What a step made, as the cache keeps it.</summary>
internal sealed record CachedStep
{
    public required string MediaType { get; init; }
    public required string Blob { get; init; }
    public required long Size { get; init; }
    public required string DiffId { get; init; }
    public required string ChainId { get; init; }
    public required string Folder { get; init; }

    /// <summary>So that an image that is built again from the cache is the same.</summary>
    public required DateTimeOffset Created { get; init; }

    internal static CachedStep Of(StoredLayer layer, DateTimeOffset created) => new()
    {
        MediaType = layer.Blob.MediaType,
        Blob = layer.Blob.Digest.ToString(),
        Size = layer.Blob.Size,
        DiffId = layer.DiffId.ToString(),
        ChainId = layer.ChainId.ToString(),
        Folder = layer.Folder,
        Created = created,
    };

    /// <summary>Null where the entry was damaged.</summary>
    internal StoredLayer? TryLayer() =>
        Digest.TryParse(Blob, out Digest blob) && Digest.TryParse(DiffId, out Digest diff) && Digest.TryParse(ChainId, out Digest chain)
            ? new StoredLayer(new Descriptor { MediaType = MediaType, Digest = blob, Size = Size }, diff, chain, Folder)
            : null;
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(CachedStep))]
internal sealed partial class CacheJson : JsonSerializerContext;
