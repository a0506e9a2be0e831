using System.ComponentModel;
using Quilt.Core;
using Quilt.Engine;
using Quilt.Linux;

namespace Quilt.Aria;

public sealed record GetResourceUsageArguments
{
    [Description("Id, beginning of an id, or name. Left out: all your containers together, those that are gone included.")]
    public string? Container { get; init; }

    [Description("What happened within the last so many seconds too, 1 to 300, or a text such as \"1m\". Each second is looked at from the first time on that you ask for it.")]
    public TimeSpan? Window { get; init; }
}

public sealed record GetResourceUsageResult
{
    [Description("It runs, or one of them. Where a container has ended, the figures are of its last run; they are 0 of one that never ran, and of a run whose end nobody saw.")]
    public required bool Running { get; init; }

    [Description("CPU time used in all, in microseconds.")]
    public required ulong CpuMicros { get; init; }
    public required ulong CpuUserMicros { get; init; }
    public required ulong CpuSystemMicros { get; init; }

    [Description("Time for which its CPU limit held it back, in microseconds.")]
    public required ulong ThrottledMicros { get; init; }

    [Description("Periods in which it wanted to run, and in how many of them its CPU limit held it back.")]
    public required ulong CpuPeriods { get; init; }
    public required ulong ThrottledPeriods { get; init; }

    [Description("Bytes in use.")]
    public required ulong Memory { get; init; }

    [Description("The most that was ever in use.")]
    public required ulong MemoryPeak { get; init; }

    [Description("Of its processes alone.")]
    public required ulong MemoryAnon { get; init; }

    [Description("Of files, as far as they are in memory.")]
    public required ulong MemoryFile { get; init; }

    [Description("What the kernel takes back by itself where memory is short.")]
    public required ulong MemoryReclaimable { get; init; }
    public required ulong Swap { get; init; }
    public required ulong MemoryLimit { get; init; }

    [Description("How often the memory limit was met, and what could be given back had to be.")]
    public required ulong MemoryLimitReached { get; init; }

    [Description("How often memoryHigh slowed it down.")]
    public required ulong MemoryHighReached { get; init; }

    [Description("Processes that were killed because the memory limit was reached.")]
    public required ulong OomKills { get; init; }
    public required ulong Pids { get; init; }

    [Description("0 where the kernel does not tell (before 6.11).")]
    public required ulong PidsPeak { get; init; }
    public required ulong PidsLimit { get; init; }

    [Description("New processes that were refused because of the limit.")]
    public required ulong PidsLimitReached { get; init; }

    [Description("Bytes read from disks, as far as the host counts them.")]
    public required ulong IoRead { get; init; }
    public required ulong IoWrite { get; init; }

    [Description("Operations.")]
    public required ulong IoReads { get; init; }
    public required ulong IoWrites { get; init; }

    [Description("Bytes over its links, loopback left out.")]
    public required ulong NetworkReceived { get; init; }
    public required ulong NetworkSent { get; init; }

    [Description("Bytes that it has written to its own layer and its image's volumes, as they lie on the disk; of one container.")]
    public long? DiskWritten { get; init; }

    [Description("How much of the last 10 s it waited (PSI); left out where the kernel does not tell.")]
    public PressureView? Pressure { get; init; }

    [Description("Where a window was asked for.")]
    public UsageWindowView? Window { get; init; }
}

public sealed record PressureView
{
    [Description("Percent of the time in which at least one of its processes waited for a CPU.")]
    public required double Cpu { get; init; }
    public required double Memory { get; init; }
    public required double Io { get; init; }

    [Description("Percent of the time in which all of them waited at once.")]
    public required double MemoryAll { get; init; }
    public required double IoAll { get; init; }

    internal static PressureView? Of(CgroupPressure? pressure) => pressure is null ? null : new PressureView
    {
        Cpu = pressure.Cpu.SomePercent,
        Memory = pressure.Memory.SomePercent,
        Io = pressure.Io.SomePercent,
        MemoryAll = pressure.Memory.FullPercent,
        IoAll = pressure.Io.FullPercent,
    };
}

public sealed record UsageWindowView
{
    [Description("That it spans: about what was asked for, or all since the start.")]
    public required double Seconds { get; init; }

    [Description("Cores that were in use on average.")]
    public required double Cpus { get; init; }
    public required ulong ThrottledMicros { get; init; }

    [Description("Bytes, the least and the most of each second.")]
    public required ulong MemoryLeast { get; init; }
    public required ulong MemoryMost { get; init; }
    public required ulong PidsMost { get; init; }
    public required ulong OomKills { get; init; }
    public required ulong IoRead { get; init; }
    public required ulong IoWrite { get; init; }
    public required ulong NetworkReceived { get; init; }
    public required ulong NetworkSent { get; init; }

    [Description("Percent of the window in which at least one of its processes waited for a CPU, for memory, for a disk.")]
    public required double CpuPressure { get; init; }
    public required double MemoryPressure { get; init; }
    public required double IoPressure { get; init; }

    internal static UsageWindowView Of(UsageWindow window)
    {
        (UsageSample first, UsageSample last) = (window.First, window.Last);
        double micros = window.Length.TotalMicroseconds;
        double Percent(ulong from, ulong to) => Math.Round(Math.Min(100, (to - from) / micros * 100), 2);
        return new UsageWindowView
        {
            Seconds = Math.Round(window.Length.TotalSeconds, 2),
            Cpus = Math.Round((last.CpuMicros - first.CpuMicros) / micros, 3),
            ThrottledMicros = last.ThrottledMicros - first.ThrottledMicros,
            MemoryLeast = window.MemoryLeastBytes,
            MemoryMost = window.MemoryMostBytes,
            PidsMost = window.PidsMost,
            OomKills = last.OomKills - first.OomKills,
            IoRead = last.IoReadBytes - first.IoReadBytes,
            IoWrite = last.IoWriteBytes - first.IoWriteBytes,
            NetworkReceived = last.NetworkReceivedBytes - first.NetworkReceivedBytes,
            NetworkSent = last.NetworkSentBytes - first.NetworkSentBytes,
            CpuPressure = Percent(first.CpuStallMicros, last.CpuStallMicros),
            MemoryPressure = Percent(first.MemoryStallMicros, last.MemoryStallMicros),
            IoPressure = Percent(first.IoStallMicros, last.IoStallMicros),
        };
    }
}

/// <summary>See <see cref="ContainerEngine.Usage"/>, <see cref="ContainerEngine.GroupUsage"/> and <see cref="ContainerEngine.UsageWithin"/>.</summary>
public sealed class GetResourceUsageTool(ContainerEngine engine) : Tool<GetResourceUsageArguments, GetResourceUsageResult>
{
    public override ToolDefinition Definition { get; } = new("getResourceUsage")
    {
        Title = "Get resource usage",
        Description = "What a container, or all of yours together, use now and have used: CPU, memory with its peak, processes, disk, network, what its limits held back or killed, and what it waited for. With a window also what happened within the last seconds.",
        Example = """{"container": "web", "window": "30s"}""",
        Level = SecurityLevel.Safe,
        Idempotent = true,
    };

    protected override async Task<GetResourceUsageResult> RunAsync(GetResourceUsageArguments arguments, ToolContext context, CancellationToken cancellation)
    {
        if (string.IsNullOrEmpty(arguments.Container))
        {
            return arguments.Window is null
                ? View(OfAll(context.Caller))
                : throw QuiltException.Invalid("window", "a window is of one container", "give the container, or leave the window out");
        }

        ContainerId id = context.Caller.Container(arguments.Container, Access.Use).Id;
        UsageWindow? window = arguments.Window is { } asked ? engine.UsageWithin(id, asked) : null;
        IReadOnlyDictionary<ContainerId, long> written = await engine.WrittenBytesAsync([id], context.Caller.Agent.Id, cancellation).ConfigureAwait(false);
        return View(engine.Usage([id]) is [var one] ? (one.Statistics, one.Network, true) : (engine.Get(id).State is ContainerState.Exited ended ? (ended.Used ?? CgroupStatistics.None, ended.Network, false) : (CgroupStatistics.None, default, false))) with
        {
            DiskWritten = written[id],
            Window = window is null ? null : UsageWindowView.Of(window),
        };
    }

    private (CgroupStatistics Used, NetworkCounters Network, bool Running) OfAll(Caller caller)
    {
        // One that ends in between counts once.
        const int tries = 4;
        NetworkCounters ended = engine.EndedTraffic(caller.Agent.Group), before;
        ContainerUsage[] running;
        int count = 0;
        do
        {
            (before, running) = (ended, [.. engine.Usage([]).Where(u => caller.Has(u.Container))]);
            ended = engine.EndedTraffic(caller.Agent.Group);
        }
        while (ended != before && ++count < tries);

        NetworkCounters network = running.Aggregate(before, (sum, u) => sum + u.Network);
        return (engine.GroupUsage(caller.Agent.Group), network, running.Length > 0);
    }

    private static GetResourceUsageResult View((CgroupStatistics Used, NetworkCounters Network, bool Running) of)
    {
        (CgroupStatistics used, NetworkCounters network, bool running) = of;
        return new GetResourceUsageResult
        {
            Running = running,
            CpuMicros = used.CpuUsageMicros,
            CpuUserMicros = used.CpuUserMicros,
            CpuSystemMicros = used.CpuSystemMicros,
            ThrottledMicros = used.ThrottledMicros,
            CpuPeriods = used.CpuPeriods,
            ThrottledPeriods = used.ThrottledPeriods,
            Memory = used.MemoryBytes,
            MemoryPeak = used.MemoryPeakBytes,
            MemoryAnon = used.MemoryAnonBytes,
            MemoryFile = used.MemoryFileBytes,
            MemoryReclaimable = used.MemoryReclaimableBytes,
            Swap = used.SwapBytes,
            MemoryLimit = used.MemoryLimitBytes,
            MemoryLimitReached = used.MemoryLimitReached,
            MemoryHighReached = used.MemoryHighReached,
            OomKills = used.OomKills,
            Pids = used.Pids,
            PidsPeak = used.PidsPeak,
            PidsLimit = used.PidsLimit,
            PidsLimitReached = used.PidsLimitReached,
            IoRead = used.IoReadBytes,
            IoWrite = used.IoWriteBytes,
            IoReads = used.IoReads,
            IoWrites = used.IoWrites,
            NetworkReceived = network.ReceivedBytes,
            NetworkSent = network.SentBytes,
            Pressure = PressureView.Of(used.Pressure),
        };
    }
}
