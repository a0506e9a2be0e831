using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Quilt.Api.V1;

namespace Quilt.Cli;

/// <summary>From the API's messages to what --json prints.</summary>
internal static class ViewOf
{
    internal static string State(ContainerState state) => state switch
    {
        ContainerState.Creating => "creating",
        ContainerState.Created => "created",
        ContainerState.Starting => "starting",
        ContainerState.Running => "running",
        ContainerState.Paused => "paused",
        ContainerState.Stopping => "stopping",
        ContainerState.Exited => "exited",
        ContainerState.Removing => "removing",
        _ => "unknown",
    };

    internal static string? Time(Timestamp? time) =>
        time?.ToDateTime().ToString("yyyy-MM-dd'T'HH:mm:ss.fffffff'Z'", System.Globalization.CultureInfo.InvariantCulture);

    internal static double Milliseconds(Duration? duration) => duration is null ? 0 : Math.Round(duration.ToTimeSpan().TotalMilliseconds, 3);

    internal static ContainerView Container(Container c) => new()
    {
        Id = c.Id,
        Name = c.Name,
        State = State(c.State),
        Health = c.Health?.Status,
        Image = c.Image,
        Command = c.Command,
        Labels = Sorted(c.Labels),
        Strategy = c.Strategy,
        Pid = OrNull(c.Pid),
        CreatedAt = Time(c.CreatedAt),
        StartedAt = Time(c.StartedAt),
        ExitedAt = Time(c.ExitedAt),
        ExitCode = ExitCode(c),
        ExitSignal = OrNull(c.ExitSignal),
        OomKilled = c.OomKilled,
        ExitReason = OrNull(c.ExitReason),
        ExpiresAt = Time(c.ExpiresAt),
    };

    internal static ContainerDetailView Detail(Container c) => new(Container(c))
    {
        ImageDigest = c.ImageDigest,
        Hostname = c.Hostname,
        WorkingDir = c.WorkingDir,
        User = c.User,
        Env = Sorted(c.Env),
        Resources = Resources(c.Resources ?? new Resources()),
        Ulimits = [.. c.Ulimits.Select(u => new UlimitView(u.Name, u.Soft, u.Hard))],
        Capabilities = c.Capabilities,
        ReadOnlyRootfs = c.ReadOnlyRootfs,
        Tty = c.Tty,
        StdinOpen = c.StdinOpen,
        AutoRemove = c.AutoRemove,
        Init = c.Init,
        StopSignal = c.StopSignal,
        StopTimeoutSeconds = c.StopTimeout?.ToTimeSpan().TotalSeconds,
        HostIdBase = c.HostIdBase,
        RestartCount = c.RestartCount,
        Snapshot = c.Snapshot.Length > 0 ? c.Snapshot : null,
        Volumes = c.Volumes,
        Mounts = [.. c.Mounts.Select(m => new MountView(m.Type, m.Path, m.Volume, m.ReadOnly, m.VolumeName))],
        Tmpfs = [.. c.Tmpfs.Select(t => new TmpfsView(t.Path, t.SizeBytes))],
        ExposedPorts = c.ExposedPorts,
        HealthCheck = c.HealthCheck is { } check
            ? new HealthCheckView(check.Test, Seconds(check.Interval), Seconds(check.Timeout), Seconds(check.StartPeriod), Seconds(check.StartInterval), check.Retries)
            : null,
        FailingStreak = c.Health?.FailingStreak,
        Probes = [.. (c.Health?.Probes ?? []).Select(p => new HealthProbeView(Time(p.StartedAt), Time(p.EndedAt), p.ExitCode, p.TimedOut, p.Output))],
    };

    private static ResourcesView Resources(Resources r) => new(r.MemoryBytes, r.Cpus, r.Pids, r.DiskBytes)
    {
        MemoryHighBytes = r.MemoryHighBytes,
        SwapBytes = r.SwapBytes,
        Cpuset = r.Cpuset,
        CpuWeight = r.CpuWeight,
        IoWeight = r.IoWeight,
        Io = [.. r.Io.Select(l => new IoLimitView(l.Device, l.ReadBps, l.WriteBps, l.ReadIops, l.WriteIops))],
        Hugepages = [.. r.Hugepages.Select(h => new HugepageLimitView(h.SizeBytes, h.LimitBytes))],
    };

    private static double Seconds(Duration? duration) => duration?.ToTimeSpan().TotalSeconds ?? 0;

    internal static StartedView Started(StartContainerResponse answer) => new(
        answer.Container.Id, answer.Container.Name, State(answer.Container.State), answer.Container.Pid, Time(answer.Container.StartedAt), Milliseconds(answer.Duration));

    internal static StoppedView Stopped(StopContainerResponse answer)
    {
        Container c = answer.Container;
        return new StoppedView(c.Id, c.Name, State(c.State), ExitCode(c), OrNull(c.ExitSignal), c.OomKilled, answer.Forced);
    }

    internal static WaitView Wait(WaitContainerResponse answer)
    {
        Container c = answer.Container;
        return new WaitView(c.Id, c.Name, State(c.State), ExitCode(c), OrNull(c.ExitSignal), c.OomKilled, answer.Line is null ? null : LogLine(answer.Line));
    }

    internal static LogLineView LogLine(LogLine line)
    {
        bool exact = Utf8.IsValid(line.Data.Span);
        return new LogLineView(Time(line.Time), line.Stream, Text(line.Data.Span), exact ? null : line.Data.ToBase64(), line.Cursor);
    }

    internal static StatsView Stats(ContainerStats s, Timestamp? time) => new()
    {
        Time = Time(time),
        Id = s.Container,
        Name = s.Name,
        CpuPercent = Math.Round(s.CpuPercent, 2),
        CpuUsageMicros = s.CpuUsageMicros,
        MemoryBytes = s.MemoryBytes,
        MemoryLimitBytes = s.MemoryLimitBytes,
        MemoryPeakBytes = s.MemoryPeakBytes,
        Pids = s.Pids,
        PidsLimit = s.PidsLimit,
        IoReadBytes = s.IoReadBytes,
        IoWriteBytes = s.IoWriteBytes,
        ThrottledMicros = s.ThrottledMicros,
        OomKills = s.OomKills,
        MemoryReclaimableBytes = s.MemoryReclaimableBytes,
        SwapBytes = s.SwapBytes,
        PidsLimitReached = s.PidsLimitReached,
        NetworkReceivedBytes = s.NetworkReceivedBytes,
        NetworkSentBytes = s.NetworkSentBytes,
        CpuPressure = s.CpuPressure,
        MemoryPressure = s.MemoryPressure,
        IoPressure = s.IoPressure,
    };

    internal static EventView Event(Event e) => new(e.Cursor, Time(e.Time), e.Type, e.Container, e.Name, Sorted(e.Attributes));

    internal static InfoView Info(GetInfoResponse info) => new()
    {
        Version = info.Version,
        Kernel = info.Kernel,
        Architecture = info.Architecture,
        CgroupMode = info.CgroupMode,
        Cpus = info.Cpus,
        MemoryBytes = info.MemoryBytes,
        ContainersByState = Sorted(info.ContainersByState),
        Images = info.Images,
        StateDir = info.StateDir,
        RunDir = info.RunDir,
        StartedAt = Time(info.StartedAt),
        WarmShims = info.WarmShims,
        Features = info.Features,
    };

    internal static DashboardView Dashboard(OpenDashboardResponse opened) => new(opened.Url, opened.TokenId, Time(opened.ExpiresAt));

    internal static ToolView Tool(ToolInfo tool) => new()
    {
        Name = tool.Name,
        Title = tool.Title,
        Description = tool.Description,
        Scope = tool.Scope,
        Level = tool.Level,
        ReadOnly = tool.ReadOnly,
        Destructive = tool.Destructive,
        Idempotent = tool.Idempotent,
        OpenWorld = tool.OpenWorld,
    };

    internal static ToolDetailView ToolDetail(ToolInfo tool) => new(Tool(tool)) { InputSchema = Json(tool.InputSchema), OutputSchema = Json(tool.OutputSchema) };

    internal static string Text(ReadOnlySpan<byte> bytes) => Encoding.UTF8.GetString(bytes);

    private static JsonElement? Json(string text) => text.Length == 0 ? null : JsonSerializer.Deserialize(text, CliJson.Compact.JsonElement);

    private static int? ExitCode(Container c) => c.HasExitCode ? c.ExitCode : null;

    private static int? OrNull(int value) => value == 0 ? null : value;

    private static string? OrNull(string value) => value.Length == 0 ? null : value;

    private static SortedDictionary<string, T> Sorted<T>(IDictionary<string, T> map) => new(map, StringComparer.Ordinal);
}
