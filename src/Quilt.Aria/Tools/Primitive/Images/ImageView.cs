using System.ComponentModel;
using Quilt.Images;

namespace Quilt.Aria;

public sealed record ImageView
{
    public required string Reference { get; init; }
    public required string Digest { get; init; }

    [Description("Of the index of several platforms that it was chosen from.")]
    public string? IndexDigest { get; init; }
    public required string Platform { get; init; }

    [Description("Bytes, as it is stored and sent: compressed.")]
    public required long Size { get; init; }
    public DateTimeOffset? CreatedAt { get; init; }

    internal static ImageView Of(StoredImage image) => new()
    {
        Reference = image.Reference.ToString(),
        Digest = image.Digest.ToString(),
        IndexDigest = image.IndexDigest?.ToString(),
        Platform = PlatformName.Format(new Platform { Os = image.Document.Os, Architecture = image.Document.Architecture, Variant = image.Document.Variant }),
        Size = image.SizeBytes,
        CreatedAt = image.CreatedAt,
    };
}

public sealed record ImageResult
{
    public required ImageView Image { get; init; }
}
