using System.Text.Json.Serialization;

namespace Quilt.Client;

// What the tools for volumes take and answer.

internal sealed record VolumeRequest(string Volume);

internal sealed record NewVolumeRequest(string Name, string Type, IReadOnlyDictionary<string, string> Labels)
{
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? Size { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public UploadedArchive? Archive { get; init; }

    internal static NewVolumeRequest Of(string name, VolumeOptions? options) =>
        new(name, options?.InMemory == true ? VolumeAnswer.Memory : "local", options?.Labels ?? new Dictionary<string, string>()) { Size = options?.SizeBytes };
}

internal sealed record AttachRequest(string Container, string Volume, string Path, bool ReadOnly);

internal sealed record DetachRequest(string Container, string Volume, bool Force)
{
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Path { get; init; }
}

internal sealed record MountAnswer(string Container, string Volume, string Path, bool ReadOnly);

internal sealed record OneVolumeAnswer(VolumeAnswer Volume, IReadOnlyList<string>? LeftOut = null);

internal sealed record VolumesAnswer(IReadOnlyList<VolumeAnswer> Volumes);

internal sealed record VolumeAnswer(
    string Id, string Name, string Type, long Size, long? Used, string Agent, IReadOnlyDictionary<string, string> Labels, DateTimeOffset CreatedAt, IReadOnlyList<VolumeUser> Users)
{
    internal const string Memory = "tmpfs";

    internal VolumeInfo ToInfo() => new(Id, Name, Type == Memory, Size, Used, Agent, Labels, CreatedAt, Users);
}

internal sealed record ArchiveAnswer(string DownloadId, IReadOnlyList<string>? LeftOut = null);
