using System.ComponentModel;
using Quilt.Engine;
using Quilt.Linux;

namespace Quilt.Aria;

public sealed record NoArguments;

public sealed record HostMetrics
{
    public required int Cpus { get; init; }

    [Description("Bytes.")]
    public required long Memory { get; init; }

    [Description("Bytes that a new container could use.")]
    public required long MemoryAvailable { get; init; }

    [Description("Load average of the last minute (proc_loadavg(5)).")]
    public required double Load { get; init; }

    [Description("Bytes free on the disk that holds containers and images.")]
    public required long DiskFree { get; init; }

    [Description("Shares of the last 10 s, in percent, in which something waited: cpu, memory, io (PSI); left out where the kernel does not tell.")]
    public IReadOnlyDictionary<string, double>? Pressure { get; init; }
}

public sealed record GetSystemMetricsResult
{
    public required HostMetrics Host { get; init; }

    [Description("You, what you may have and what you have.")]
    public required AgentView Agent { get; init; }

    [Description("Your containers by their states.")]
    public required IReadOnlyDictionary<string, int> ContainersByState { get; init; }
    public required int Images { get; init; }

    [Description("What all your containers have used together, those that are gone included (getResourceUsage without a container tells more).")]
    public required AgentResourcesView Used { get; init; }
}

public sealed record AgentResourcesView
{
    [Description("CPU time in all, in microseconds.")]
    public required ulong CpuMicros { get; init; }

    [Description("Bytes in use now.")]
    public required ulong Memory { get; init; }
    public required ulong MemoryPeak { get; init; }
    public required ulong Pids { get; init; }
}

/// <summary>The host and the caller's part of it.</summary>
public sealed class GetSystemMetricsTool(ContainerEngine engine, Quotas quotas) : Tool<NoArguments, GetSystemMetricsResult>
{
    public override ToolDefinition Definition { get; } = new("getSystemMetrics")
    {
        Title = "Get system metrics",
        Description = "How the host is (CPUs, memory, load, pressure, disk), who you are, your limits and what you have of them, and your containers by state. Look here before starting much, and when a limit is reached.",
        Level = SecurityLevel.Safe,
        Idempotent = true,
    };

    protected override Task<GetSystemMetricsResult> RunAsync(NoArguments arguments, ToolContext context, CancellationToken cancellation)
    {
        CgroupStatistics used = engine.GroupUsage(context.Caller.Agent.Group);
        return Task.FromResult(new GetSystemMetricsResult
        {
            Host = new HostMetrics
            {
                Cpus = Environment.ProcessorCount,
                Memory = HostReadings.MemoryTotalBytes(),
                MemoryAvailable = HostReadings.MemoryAvailableBytes(),
                Load = HostReadings.LoadAverage(),
                DiskFree = new DriveInfo(engine.Options.StateDir).AvailableFreeSpace,
                Pressure = HostReadings.Pressure(),
            },
            Agent = AgentView.Of(context.Caller.Agent, context.Caller.Agent, quotas),
            ContainersByState = engine.All().Where(context.Caller.MayUse).GroupBy(r => r.State.Name).ToDictionary(g => g.Key, g => g.Count()),
            Images = engine.Images.List().Count,
            Used = new AgentResourcesView { CpuMicros = used.CpuUsageMicros, Memory = used.MemoryBytes, MemoryPeak = used.MemoryPeakBytes, Pids = used.Pids },
        });
    }
}
