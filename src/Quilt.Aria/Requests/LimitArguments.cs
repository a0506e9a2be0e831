using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Quilt.Core;

namespace Quilt.Aria;

/// <summary>What a container may use at most: the same where it is made and where it is changed.</summary>
public abstract record LimitArguments
{
    [Description("At most so much memory: bytes, or a text such as \"512MiB\"; at least 6 MiB. A new container has 1 GiB where it is left out. Beyond it a process is killed.")]
    public ByteSize? Memory { get; init; }

    [Description("Beyond this much memory it is slowed down and gives back what it can, but nothing is killed; 0 is no such bound. On hosts with cgroup v2.")]
    public ByteSize? MemoryHigh { get; init; }

    [Description("Swap beside its memory, where the host has some; 0, as usual, is none. An agent whose grant limits its memory gets none.")]
    public ByteSize? Swap { get; init; }

    [Description("CPU cores, such as 1.5; 0 is no limit of its own.")]
    public double? Cpus { get; init; }

    [Description("The CPUs that it may run on, such as \"0-1,3\"; empty is all.")]
    public string? Cpuset { get; init; }

    [Description("Its share where CPUs are short, beside others that have 100.")]
    [Range(0, 10000)]
    public int? CpuWeight { get; init; }

    [Description("Processes and threads at most; -1 is no limit of its own. A new container has 1024 where it is left out.")]
    public long? Pids { get; init; }

    [Description("Files that each of its processes may have open; 0 is as usual.")]
    public long? Files { get; init; }

    [Description("Its share where a disk is busy, beside others that have 100.")]
    [Range(0, 1000)]
    public int? IoWeight { get; init; }

    [Description("How fast disks may be read and written; [] is no limit.")]
    [Items(0, 16)]
    public IReadOnlyList<IoLimitArguments>? Io { get; init; }

    [Description("Huge pages, by their size; [] is no limit.")]
    [Items(0, 8)]
    public IReadOnlyList<HugepageLimitArguments>? Hugepages { get; init; }
}

/// <summary>See <see cref="Engine.IoLimit"/>.</summary>
public sealed record IoLimitArguments
{
    [Description("The host's disk: its kernel name, such as vda, or number, such as 8:0. Left out: the disk that containers are on.")]
    public string? Device { get; init; }

    [Description("Bytes a second, or a text such as \"10MiB\"; 0 or left out is no limit.")]
    public ByteSize? ReadBps { get; init; }
    public ByteSize? WriteBps { get; init; }

    [Description("Operations a second.")]
    public long? ReadIops { get; init; }
    public long? WriteIops { get; init; }
}

public sealed record HugepageLimitArguments
{
    [Description("Of a page, such as \"2MiB\".")]
    public required ByteSize Size { get; init; }

    [Description("In all: bytes, or a text such as \"64MiB\".")]
    public required ByteSize Limit { get; init; }
}
