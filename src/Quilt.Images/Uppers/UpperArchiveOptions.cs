namespace Quilt.Images;

/// <summary>How an upper folder becomes an archive.</summary>
public sealed record UpperArchiveOptions
{
    /// <summary>Later times become this one (SOURCE_DATE_EPOCH); null keeps all.</summary>
    public DateTimeOffset? LatestTime { get; init; }

    /// <summary>Paths from the root, without a slash at their beginning, that are left out with all below them.</summary>
    public IReadOnlyCollection<string> Excluded { get; init; } = [];
}
