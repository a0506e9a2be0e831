using Quilt.Core;

namespace Quilt.Images;

/// <summary>Points at a blob: what it is, its address and its size (OCI image-spec, descriptor).</summary>
public sealed record Descriptor
{
    public string MediaType { get; set; } = "";
    public Digest Digest { get; init; }

    /// <summary>In bytes, as stored: compressed, where it is.</summary>
    public long Size { get; init; }
    public Platform? Platform { get; init; }

    /// <summary>What the blob is about, where its media type does not say.</summary>
    public string? ArtifactType { get; init; }
    public IReadOnlyList<string>? Urls { get; init; }
    public IReadOnlyDictionary<string, string>? Annotations { get; init; }

    /// <summary>Of a blob in memory.</summary>
    public static Descriptor Of(string mediaType, ReadOnlySpan<byte> content) =>
        new() { MediaType = mediaType, Digest = Digest.Compute(content), Size = content.Length };
}
