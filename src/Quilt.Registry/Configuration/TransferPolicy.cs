namespace Quilt.Registry;

/// <summary>How patient the client is.</summary>
public sealed record TransferPolicy
{
    /// <summary>Tries of one thing that may pass by itself: no connection, a cut, 429, 5xx. Bytes that came begin a new count.</summary>
    public int Attempts { get; init; } = 5;

    /// <summary>Before the second try; doubled with each, less up to a half by chance.</summary>
    public TimeSpan FirstPause { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>Between two tries, also where the registry says how long to wait: one that asks for more is told of instead.</summary>
    public TimeSpan LongestPause { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Without a byte, after which a transfer counts as cut; also for the beginning of an answer.</summary>
    public TimeSpan StallTimeout { get; init; } = TimeSpan.FromSeconds(30);
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Larger blobs are pushed in chunks of so many bytes, so that a cut costs no more.</summary>
    public int ChunkBytes { get; init; } = 16 << 20;

    /// <summary>Blobs of one image that are pushed at once.</summary>
    public int Uploads { get; init; } = 4;
}
