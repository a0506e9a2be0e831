using System.Text.Json.Serialization;

namespace Quilt.Client;

// What snapshotContainer, restoreContainer and forkContainer take and answer.

internal sealed record SnapshotRequest(string Container, string Name);

internal sealed record SnapshotAnswer(SnapshotInfo Snapshot);

internal sealed record RestoreRequest(string Container, string Snapshot, bool Force);

internal sealed record ForkRequest(string Container, int Count, bool CopyNetworks, string Strategy)
{
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Name { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public bool? Start { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? TaskId { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Ttl { get; init; }
}

internal sealed record ForkAnswer(IReadOnlyList<ForkedContainer> Containers, IReadOnlyList<string> Warnings);

internal sealed record ForkedContainer(string Id);
