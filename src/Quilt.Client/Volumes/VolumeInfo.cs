namespace Quilt.Client;

/// <summary>A folder that outlives containers, and that several may have at once.</summary>
/// <param name="InMemory">It is empty again when the host has started anew.</param>
/// <param name="SizeBytes">What its file system needs for itself included; 0 is no limit but the disk's.</param>
/// <param name="UsedBytes">Null in lists.</param>
/// <param name="Agent">Whose it is, by the agent's id; empty is the operator.</param>
/// <param name="Users">The containers that have it, in any state, as far as the caller knows them.</param>
public sealed record VolumeInfo(
    string Id, string Name, bool InMemory, long SizeBytes, long? UsedBytes, string Agent, IReadOnlyDictionary<string, string> Labels, DateTimeOffset CreatedAt, IReadOnlyList<VolumeUser> Users);

/// <summary>Where a container has a volume.</summary>
/// <param name="Container">Its id.</param>
/// <param name="Path">In the container.</param>
public sealed record VolumeUser(string Container, string ContainerName, string Path, bool ReadOnly);

/// <summary>A volume that was made of an archive.</summary>
/// <param name="LeftOut">What of the archive is not in it, and why: devices.</param>
public sealed record LoadedVolume(VolumeInfo Volume, IReadOnlyList<string> LeftOut);

/// <summary>What a volume is to be.</summary>
public sealed record VolumeOptions
{
    /// <summary>At least 16 MiB, some of it for the file system itself; null: no limit but the disk's, or 64 MiB in memory.</summary>
    public long? SizeBytes { get; init; }

    /// <summary>In the host's memory: empty again when the host has started anew.</summary>
    public bool InMemory { get; init; }

    public IReadOnlyDictionary<string, string> Labels { get; init; } = new Dictionary<string, string>();
}
