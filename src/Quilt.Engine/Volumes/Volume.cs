using System.Text.Json.Serialization;

namespace Quilt.Engine;

/// <summary>A folder that outlives containers, and that several may have at once. Its files are kept by the containers' own ids: root of each is root of all.</summary>
/// <param name="Owner">The agent's id; empty is the operator.</param>
/// <param name="Name">No two of an owner's are the same.</param>
public sealed record Volume(string Id, string Owner, string Name, DateTimeOffset CreatedAt)
{
    /// <summary>It is in the host's memory: empty again when the host has started anew.</summary>
    public bool InMemory { get; init; }

    /// <summary>What fits into it, with what its file system needs for itself; 0 is no limit but the disk's.</summary>
    public long SizeBytes { get; init; }
    public IReadOnlyDictionary<string, string> Labels { get; init; } = new Dictionary<string, string>();

    /// <summary>It is a file system of its own.</summary>
    [JsonIgnore]
    public bool HasDisk => SizeBytes > 0;
}

/// <summary>Where a container has a volume.</summary>
/// <param name="Volume">Its id.</param>
/// <param name="Path">Absolute, in the container.</param>
public sealed record VolumeMount(string Volume, string Path, bool ReadOnly)
{
    /// <summary>It is on its way out: what a crash leaves of it is taken away at the next start.</summary>
    public bool Leaving { get; init; }
}

/// <summary>A file or folder of the host that a container has. Whoever asked for it has shown that it may.</summary>
/// <param name="Source">On the host, absolute: where it really is.</param>
/// <param name="Path">Absolute, in the container.</param>
public sealed record HostMount(string Source, string Path, bool ReadOnly);

/// <summary>A volume that is to be made.</summary>
public sealed record NewVolume(string Owner, string Name)
{
    public bool InMemory { get; init; }
    public long SizeBytes { get; init; }
    public IReadOnlyDictionary<string, string> Labels { get; init; } = new Dictionary<string, string>();
}
