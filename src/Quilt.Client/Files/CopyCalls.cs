using System.Text.Json.Serialization;

namespace Quilt.Client;

// What copyToContainer and copyFromContainer take and answer.

internal sealed record UploadedArchive(string Upload);

internal sealed record CopyToArguments(string Container, string Path)
{
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Content { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Encoding { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public UploadedArchive? Archive { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Mode { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Owner { get; init; }
    public bool KeepOwners { get; init; }
    public bool Parents { get; init; }
}

internal sealed record CopyFromArguments(string Container, string Path, string As, bool FollowLink);

internal sealed record CopyAnswer(long Entries, long Bytes, string? DownloadId = null, IReadOnlyList<string>? LeftOut = null);
