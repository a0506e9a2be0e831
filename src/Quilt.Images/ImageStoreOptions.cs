using System.IO.Compression;

namespace Quilt.Images;

/// <summary>How a store behaves.</summary>
public sealed record ImageStoreOptions
{
    /// <summary>Of each layer that is unpacked.</summary>
    public UnpackLimits Unpacking { get; init; } = new();

    /// <summary>The limit of all blobs and unpacked layers together, in bytes; null is the disk's.</summary>
    public long? MostBytes { get; init; }

    /// <summary>Whoever removes images does not wait until their files are deleted, which takes as long as there are many. Where the process ends before, the next one deletes them.</summary>
    public bool DeletesInBackground { get; init; }

    /// <summary>How hard gzip tries on layers that are made here.</summary>
    public CompressionLevel Compression { get; init; } = CompressionLevel.Fastest;

    /// <summary>Blobs that one image's transfer has on their way at once.</summary>
    public int Transfers { get; init; } = 4;

    /// <summary>Layers of one image that are unpacked at once.</summary>
    public int Unpackings { get; init; } = Math.Clamp(Environment.ProcessorCount, 1, 4);
}
