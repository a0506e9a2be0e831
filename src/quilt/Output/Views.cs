using System.Collections.ObjectModel;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Quilt.Cli;

// What --json prints. These names are public: they only ever grow. Sizes are bytes, times RFC 3339 in UTC, durations seconds.

internal sealed record ErrorView(ErrorBody Error);

internal sealed record ErrorBody(string Code, string Message, string? Field, string? Remedy);

/// <summary>A container in a list, and what create, start, stop and the like answer.</summary>
internal record ContainerView
{
    // Before those of the detail, which would come first by themselves.
    private const int First = -1;

    [JsonPropertyOrder(First)]
    public required string Id { get; init; }

    [JsonPropertyOrder(First)]
    public required string Name { get; init; }

    [JsonPropertyOrder(First)]
    public required string State { get; init; }

    /// <summary>starting, healthy or unhealthy; null while it does not run, and where it has no health check.</summary>
    [JsonPropertyOrder(First)]
    public required string? Health { get; init; }

    [JsonPropertyOrder(First)]
    public required string Image { get; init; }

    public required IReadOnlyList<string> Command { get; init; }
    public required IReadOnlyDictionary<string, string> Labels { get; init; }
    public required string Strategy { get; init; }
    public required int? Pid { get; init; }
    public required string? CreatedAt { get; init; }
    public required string? StartedAt { get; init; }
    public required string? ExitedAt { get; init; }
    public required int? ExitCode { get; init; }
    public required int? ExitSignal { get; init; }
    public required bool OomKilled { get; init; }
    public required string? ExitReason { get; init; }
    public required string? ExpiresAt { get; init; }
}

/// <summary>All there is to know of one container.</summary>
internal sealed record ContainerDetailView : ContainerView
{
    [SetsRequiredMembers]
    internal ContainerDetailView(ContainerView basis)
        : base(basis)
    {
    }

    public string ImageDigest { get; init; } = "";
    public string Hostname { get; init; } = "";
    public string WorkingDir { get; init; } = "";
    public string User { get; init; } = "";
    public IReadOnlyDictionary<string, string> Env { get; init; } = ReadOnlyDictionary<string, string>.Empty;
    public ResourcesView Resources { get; init; } = new(0, 0, 0, 0);
    public IReadOnlyList<UlimitView> Ulimits { get; init; } = [];
    public IReadOnlyList<string> Capabilities { get; init; } = [];
    public bool ReadOnlyRootfs { get; init; }
    public bool Tty { get; init; }
    public bool StdinOpen { get; init; }
    public bool AutoRemove { get; init; }
    public bool Init { get; init; }
    public string StopSignal { get; init; } = "";
    public double? StopTimeoutSeconds { get; init; }
    public long HostIdBase { get; init; }
    public int RestartCount { get; init; }
    public IReadOnlyList<string> Volumes { get; init; } = [];
    public IReadOnlyList<MountView> Mounts { get; init; } = [];
    public IReadOnlyList<TmpfsView> Tmpfs { get; init; } = [];
    public IReadOnlyList<string> ExposedPorts { get; init; } = [];
    public string? Snapshot { get; init; }
    public HealthCheckView? HealthCheck { get; init; }
    public int? FailingStreak { get; init; }
    public IReadOnlyList<HealthProbeView> Probes { get; init; } = [];
}

/// <param name="Volume">Its id; empty where it is none.</param>
internal sealed record MountView(string Type, string Path, string Volume, bool ReadOnly, string VolumeName);

/// <param name="SizeBytes">0 is no limit but the container's memory.</param>
internal sealed record TmpfsView(string Path, long SizeBytes);

/// <param name="Test">CMD, then the program and its arguments.</param>
/// <param name="Interval">Seconds, as all of them.</param>
internal sealed record HealthCheckView(IReadOnlyList<string> Test, double Interval, double Timeout, double StartPeriod, double StartInterval, int Retries);

internal sealed record HealthProbeView(string? StartedAt, string? EndedAt, int ExitCode, bool TimedOut, string Output);

/// <param name="Pids">-1 is no limit.</param>
internal sealed record ResourcesView(long MemoryBytes, double Cpus, long Pids, long DiskBytes)
{
    public long MemoryHighBytes { get; init; }
    public long SwapBytes { get; init; }
    public string Cpuset { get; init; } = "";

    /// <summary>0 is 100, as everyone's; of disks too.</summary>
    public int CpuWeight { get; init; }
    public int IoWeight { get; init; }
    public IReadOnlyList<IoLimitView> Io { get; init; } = [];
    public IReadOnlyList<HugepageLimitView> Hugepages { get; init; } = [];
}

/// <param name="Device">Empty is the disk that containers are on.</param>
/// <param name="ReadBps">A second; 0 is no limit.</param>
internal sealed record IoLimitView(string Device, long ReadBps, long WriteBps, long ReadIops, long WriteIops);

internal sealed record HugepageLimitView(long SizeBytes, long LimitBytes);

internal sealed record UlimitView(string Name, ulong Soft, ulong Hard);

internal sealed record CreatedView(string Id, string Name, string State, string Image, IReadOnlyList<string> Warnings);

/// <summary>What start and restart answer.</summary>
internal sealed record StartedView(string Id, string Name, string State, int Pid, string? StartedAt, double DurationMs);

internal sealed record StoppedView(string Id, string Name, string State, int? ExitCode, int? ExitSignal, bool OomKilled, bool Forced);

/// <summary>What kill answers.</summary>
internal sealed record SignalledView(string Container, string Signal);

internal sealed record RemovedView(string Id);

/// <summary>The end of a command run in the foreground. Text that is not UTF-8 has U+FFFD where it is not.</summary>
internal sealed record CommandResultView
{
    /// <summary>Null for an exec.</summary>
    public required string? ContainerId { get; init; }
    public required int ExitCode { get; init; }
    public required int? Signal { get; init; }
    public required string Stdout { get; init; }
    public required string Stderr { get; init; }
    public required bool Truncated { get; init; }
    public required long StdoutBytes { get; init; }
    public required long StderrBytes { get; init; }
    public required bool TimedOut { get; init; }
    public required double DurationMs { get; init; }
}

internal sealed record ExecStartedView(string ExecId);

/// <param name="Base64">The bytes, where they are not UTF-8; null where <paramref name="Text"/> is exact.</param>
internal sealed record LogLineView(string? Time, string Stream, string Text, string? Base64, string Cursor);

internal sealed record WaitView(string Id, string Name, string State, int? ExitCode, int? ExitSignal, bool OomKilled, LogLineView? Line);

internal sealed record StatsView
{
    public required string? Time { get; init; }
    public required string Id { get; init; }
    public required string Name { get; init; }
    public required double CpuPercent { get; init; }
    public required ulong CpuUsageMicros { get; init; }
    public required ulong MemoryBytes { get; init; }
    public required ulong MemoryLimitBytes { get; init; }
    public required ulong MemoryPeakBytes { get; init; }
    public required ulong Pids { get; init; }
    public required ulong PidsLimit { get; init; }
    public required ulong IoReadBytes { get; init; }
    public required ulong IoWriteBytes { get; init; }
    public required ulong ThrottledMicros { get; init; }
    public required ulong OomKills { get; init; }
    public required ulong MemoryReclaimableBytes { get; init; }
    public required ulong SwapBytes { get; init; }
    public required ulong PidsLimitReached { get; init; }
    public required ulong NetworkReceivedBytes { get; init; }
    public required ulong NetworkSentBytes { get; init; }

    /// <summary>Percent of the last 10 s in which it waited.</summary>
    public required double CpuPressure { get; init; }
    public required double MemoryPressure { get; init; }
    public required double IoPressure { get; init; }
}

internal sealed record EventView(
    long Cursor, string? Time, string Type, string Container, string Name, IReadOnlyDictionary<string, string> Attributes);

internal sealed record ImageView(string Reference, string Digest, long SizeBytes, string? CreatedAt);

internal sealed record InfoView
{
    public required string Version { get; init; }
    public required string Kernel { get; init; }
    public required string Architecture { get; init; }
    public required string CgroupMode { get; init; }
    public required int Cpus { get; init; }
    public required long MemoryBytes { get; init; }
    public required IReadOnlyDictionary<string, int> ContainersByState { get; init; }
    public required int Images { get; init; }
    public required string StateDir { get; init; }
    public required string RunDir { get; init; }
    public required string? StartedAt { get; init; }
    public required int WarmShims { get; init; }
    public required IReadOnlyList<string> Features { get; init; }
}

/// <param name="Daemon">Null where none can be reached.</param>
internal sealed record VersionView(ClientVersionView Client, DaemonVersionView? Daemon);

internal sealed record ClientVersionView(string Version, string Api);

internal sealed record DaemonVersionView(string Version, string Api, string Runtime);

internal sealed record DashboardView(string Url, string TokenId, string? ExpiresAt);

/// <param name="Ok">Whether all that is needed is good.</param>
internal sealed record PruneView(IReadOnlyList<string> Removed, long FreedBytes);

internal sealed record DoctorView(bool Ok, IReadOnlyList<FindingView> Findings);

internal sealed record FindingView(string Name, bool Ok, bool Needed, string Found, string? Remedy);

internal sealed record CommandView(string Name, string Summary, string Usage);

/// <summary>A tool in a list.</summary>
internal record ToolView
{
    public required string Name { get; init; }
    public required string Title { get; init; }
    public required string Description { get; init; }
    public required string Scope { get; init; }
    public required string Level { get; init; }
    public required bool ReadOnly { get; init; }
    public required bool Destructive { get; init; }
    public required bool Idempotent { get; init; }
    public required bool OpenWorld { get; init; }
}

/// <summary>A tool with the JSON Schemas of what it takes and answers.</summary>
internal sealed record ToolDetailView : ToolView
{
    [SetsRequiredMembers]
    internal ToolDetailView(ToolView basis)
        : base(basis)
    {
    }

    // Behind those of the list, which come last by themselves.
    [JsonPropertyOrder(1)]
    public JsonElement? InputSchema { get; init; }

    [JsonPropertyOrder(1)]
    public JsonElement? OutputSchema { get; init; }
}

/// <param name="Backup">Where what was there before is; null where nothing was, or nothing changed.</param>
internal sealed record McpInstalledView(string Client, string File, string Server, bool Changed, string? Backup);
