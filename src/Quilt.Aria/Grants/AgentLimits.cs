using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Quilt.Core;

namespace Quilt.Aria;

/// <summary>How much an agent may have at once, with all that its own agents have. What is not given is limited by its parent alone.</summary>
public sealed record AgentLimits
{
    [Description("Containers that exist at once, in any state.")]
    [Range(0, 1_000_000)]
    public int? Containers { get; init; }

    [Description("Sum of its containers' memory limits and of its volumes in memory; the kernel holds all of its containers together to it.")]
    public ByteSize? Memory { get; init; }

    [Description("CPU cores for all of its containers together, kept by the kernel; also the sum of what they are given.")]
    [Range(0.01, 100_000)]
    public double? Cpus { get; init; }

    [Description("Processes and threads of all of its containers together, kept by the kernel.")]
    [Range(1, 4_000_000)]
    public long? Pids { get; init; }

    [Description("Sum of its containers' and its volumes' disk limits, of what its snapshots keep, and of uploads and downloads that wait. A container that is made without one gets one then; a volume has to have a size.")]
    public ByteSize? Disk { get; init; }

    [Description("Volumes that exist at once.")]
    [Range(0, 100_000)]
    public int? Volumes { get; init; }

    [Description("Networks that exist at once.")]
    [Range(0, 100_000)]
    public int? Networks { get; init; }

    [Description("Connections (establishConnection) that begin at its containers at once.")]
    [Range(0, 1_000_000)]
    public int? Edges { get; init; }

    [Description("Ports of its containers that are exposed (exposePort) or bound to one of the host's (bindPort) at once.")]
    [Range(0, 1_000_000)]
    public int? Ports { get; init; }

    [Description("Snapshots with a name that exist at once.")]
    [Range(0, 100_000)]
    public int? Snapshots { get; init; }

    [Description("Commands that execInContainer runs at once, those in the background too.")]
    [Range(0, 1_000_000)]
    public int? Execs { get; init; }

    [Description("Tool calls at once.")]
    [Range(1, 100_000)]
    public int? Calls { get; init; }

    [Description("Agents that it has delegated to, theirs included.")]
    [Range(0, 100_000)]
    public int? Agents { get; init; }

    [Description("The longest that a container may live. One that is made without a ttl gets this one.")]
    public TimeSpan? Ttl { get; init; }

    /// <summary>Every limit as a name and a number, in one order.</summary>
    internal IEnumerable<(string Name, double? Value)> All =>
    [
        ("containers", Containers), ("memory", Memory?.Bytes), ("cpus", Cpus), ("pids", Pids), ("disk", Disk?.Bytes), ("volumes", Volumes), ("networks", Networks), ("edges", Edges), ("ports", Ports), ("snapshots", Snapshots), ("execs", Execs), ("calls", Calls), ("agents", Agents),
        ("ttl", Ttl?.TotalSeconds),
    ];
}
