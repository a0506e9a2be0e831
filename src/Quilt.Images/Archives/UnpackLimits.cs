namespace Quilt.Images;

/// <summary>How much one layer may ask of the host.</summary>
public sealed record UnpackLimits
{
    /// <summary>Of the archive, all of it.</summary>
    public long DecompressedBytes { get; init; } = 64L << 30;

    /// <summary>Decompressed bytes to each compressed one, above <see cref="RatioFreeBytes"/>. Real layers stay below 20; deflate reaches 1,032.</summary>
    public int Ratio { get; init; } = 200;

    /// <summary>So many may come of however few: small layers of zeros are harmless.</summary>
    public long RatioFreeBytes { get; init; } = 64L << 20;

    /// <summary>Headers, those of extensions too.</summary>
    public int Entries { get; init; } = 2_000_000;

    /// <summary>A path in UTF-8. Leaves room in PATH_MAX (4,096) for where the store is.</summary>
    public int PathBytes { get; init; } = 3072;

    /// <summary>One extension header: all its records.</summary>
    public int ExtensionBytes { get; init; } = 1 << 20;

    /// <summary>One extended attribute's value (XATTR_SIZE_MAX).</summary>
    public int AttributeBytes { get; init; } = 64 << 10;
}
