using System.IO.Compression;

namespace Quilt.Images;

/// <summary>How a store behaves.</summary>
public sealed record ImageStoreOptions
{
    /// <summary>Of each layer that is unpacked.</summary>
    public UnpackLimits Unpacking { get; init; } = new();

    /// <summary>How hard gzip tries on layers that are made here.</summary>
    public CompressionLevel Compression { get; init; } = CompressionLevel.Fastest;

    /// <summary>Blobs that one image's transfer has on their way at once.</summary>
    public int Transfers { get; init; } = 4;
}
