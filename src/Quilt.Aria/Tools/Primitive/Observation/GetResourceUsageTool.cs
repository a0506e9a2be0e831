using System.ComponentModel;
using Quilt.Core;
using Quilt.Engine;
using Quilt.Linux;

namespace Quilt.Aria;

public sealed record GetResourceUsageResult
{
    [Description("It runs: otherwise all is 0.")]
    public required bool Running { get; init; }

    [Description("CPU time used in all, in microseconds.")]
    public required ulong CpuMicros { get; init; }

    [Description("Time for which its CPU limit held it back, in microseconds.")]
    public required ulong ThrottledMicros { get; init; }

    [Description("Bytes in use.")]
    public required ulong Memory { get; init; }

    [Description("The most that was ever in use.")]
    public required ulong MemoryPeak { get; init; }
    public required ulong MemoryLimit { get; init; }

    [Description("Processes that were killed because the memory limit was reached.")]
    public required ulong OomKills { get; init; }
    public required ulong Pids { get; init; }
    public required ulong PidsLimit { get; init; }

    [Description("Bytes read from disks, as far as the host counts them.")]
    public required ulong IoRead { get; init; }
    public required ulong IoWrite { get; init; }
}

/// <summary>See <see cref="ContainerEngine.Usage"/>.</summary>
public sealed class GetResourceUsageTool(ContainerEngine engine) : Tool<ContainerArguments, GetResourceUsageResult>
{
    public override ToolDefinition Definition { get; } = new("getResourceUsage")
    {
        Title = "Get a container's resource usage",
        Description = "What a container uses now and has used: CPU, memory with its peak, processes, disk, throttling and memory kills.",
        Example = """{"container": "web"}""",
        Level = SecurityLevel.Safe,
        Idempotent = true,
    };

    protected override Task<GetResourceUsageResult> RunAsync(ContainerArguments arguments, ToolContext context, CancellationToken cancellation)
    {
        ContainerId id = context.Caller.Container(arguments.Container, Access.Use).Id;
        CgroupStatistics used = engine.Usage([id]) is [var usage] ? usage.Statistics : new CgroupStatistics(0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
        return Task.FromResult(new GetResourceUsageResult
        {
            Running = engine.Get(id).IsRunning,
            CpuMicros = used.CpuUsageMicros,
            ThrottledMicros = used.ThrottledMicros,
            Memory = used.MemoryBytes,
            MemoryPeak = used.MemoryPeakBytes,
            MemoryLimit = used.MemoryLimitBytes,
            OomKills = used.OomKills,
            Pids = used.Pids,
            PidsLimit = used.PidsLimit,
            IoRead = used.IoReadBytes,
            IoWrite = used.IoWriteBytes,
        });
    }
}
