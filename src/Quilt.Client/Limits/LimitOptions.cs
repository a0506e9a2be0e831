using System.Text.Json.Serialization;

namespace Quilt.Client;

/// <summary>What a container may use from now on. What is null stays as it is; 0 is as usual.</summary>
public sealed record LimitOptions
{
    /// <summary>Beyond it a process is killed.</summary>
    [JsonPropertyName("memory")]
    public long? MemoryBytes { get; init; }

    /// <summary>Beyond it the container is slowed down; on hosts with cgroup v2.</summary>
    [JsonPropertyName("memoryHigh")]
    public long? MemoryHighBytes { get; init; }

    /// <summary>Beside the memory.</summary>
    [JsonPropertyName("swap")]
    public long? SwapBytes { get; init; }

    /// <summary>1.5 is one and a half cores.</summary>
    public double? Cpus { get; init; }

    /// <summary>The CPUs that it may run on, such as <c>0-1,3</c>; empty is all.</summary>
    public string? Cpuset { get; init; }

    /// <summary>Where CPUs are short, beside others that have 100.</summary>
    public int? CpuWeight { get; init; }

    /// <summary>Processes and threads; -1 is no limit of its own.</summary>
    public long? Pids { get; init; }

    /// <summary>That each of its processes may have open.</summary>
    [JsonPropertyName("files")]
    public long? OpenFiles { get; init; }

    /// <summary>Where a disk is busy, beside others that have 100.</summary>
    public int? IoWeight { get; init; }
}

/// <summary>Limits before and after they were changed.</summary>
/// <param name="InForce">It runs, and they hold at once; else from its next start on.</param>
public sealed record LimitChange(LimitOptions Before, LimitOptions After, bool InForce);
