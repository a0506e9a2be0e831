using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Quilt.Api.V1;

namespace Quilt.Cli.Tests;

/// <summary>Messages with every field set, and some with none.</summary>
internal static class Samples
{
    internal static readonly DateTimeOffset Now = new(2026, 1, 31, 12, 0, 0, TimeSpan.Zero);

    internal static Container Running => new()
    {
        Id = "0123456789abcdef0123456789abcdef",
        Name = "web",
        State = ContainerState.Running,
        Image = "quilt/busybox",
        ImageDigest = "sha256:" + new string('a', 64),
        Command = { "httpd", "-f", "-p", "8080", "-h", "/srv/www/a/long/path" },
        Labels = { ["task"] = "42", ["a"] = "b" },
        Strategy = "session",
        Pid = 4242,
        CreatedAt = At(-3700),
        StartedAt = At(-90),
        ExpiresAt = At(600),
        Resources = new Resources { MemoryBytes = 512 << 20, Cpus = 1.5, Pids = 128 },
        Hostname = "0123456789ab",
        WorkingDir = "/",
        User = "1000:1000",
        Capabilities = { "CAP_CHOWN", "CAP_KILL" },
        ReadOnlyRootfs = true,
        Tty = true,
        StdinOpen = true,
        AutoRemove = true,
        Init = true,
        StopSignal = "TERM",
        StopTimeout = Duration.FromTimeSpan(TimeSpan.FromSeconds(10)),
        HostIdBase = 1879048192,
        RestartCount = 2,
        Env = { ["PATH"] = "/bin", ["GREETING"] = "grüß \"dich\"" },
        Ulimits = { new Ulimit { Name = "nofile", Soft = 1024, Hard = 4096 } },
        HealthCheck = new HealthCheck
        {
            Test = { "CMD", "/bin/sh", "-c", "wget -q http://127.0.0.1/" }, Interval = Duration.FromTimeSpan(TimeSpan.FromSeconds(30)), Timeout = Duration.FromTimeSpan(TimeSpan.FromSeconds(2.5)),
            StartPeriod = Duration.FromTimeSpan(TimeSpan.Zero), StartInterval = Duration.FromTimeSpan(TimeSpan.FromSeconds(5)), Retries = 3,
        },
        Health = new Health
        {
            Status = "unhealthy", FailingStreak = 4,
            Probes = { new HealthProbe { StartedAt = At(-60), EndedAt = At(-58), ExitCode = 137, TimedOut = true, Output = "waiting\n" }, new HealthProbe { StartedAt = At(-30), EndedAt = At(-29), ExitCode = 1, Output = "can't connect\n" } },
        },
        Volumes = { "/var/lib/data" },
        Tmpfs = { new Tmpfs { Path = "/scratch", SizeBytes = 64 << 20 }, new Tmpfs { Path = "/run" } },
        ExposedPorts = { "53/udp", "80/tcp" },
    };

    internal static ToolInfo Tool => new()
    {
        Name = "stopContainer",
        Title = "Stop a container",
        Description = "Asks its command to end.\nThen kills it.",
        Scope = "primitive",
        Level = "limited",
        Idempotent = true,
        Destructive = true,
        InputSchema = """
            {"type":"object","properties":{"container":{"type":"string","description":"An id or a name"},"timeout":{"type":["string","number"],"default":"10s","description":"How long"},"how":{"enum":["kindly","at once"]}},"required":["container"]}
            """,
        OutputSchema = """{"type":"object"}""",
    };

    internal static Container Exited => new()
    {
        Id = "fedcba9876543210fedcba9876543210",
        Name = "job",
        State = ContainerState.Exited,
        Image = "quilt/busybox",
        Command = { "sh" },
        Strategy = "task",
        CreatedAt = At(-200000),
        StartedAt = At(-200000),
        ExitedAt = At(-7300),
        ExitCode = 137,
        ExitSignal = 9,
        OomKilled = true,
    };

    internal static GetStatsResponse Stats => new()
    {
        Time = At(0),
        Stats =
        {
            new ContainerStats
            {
                Container = Running.Id, Name = "web", CpuUsageMicros = 123456, CpuPercent = 150.256, MemoryBytes = 3 << 20, MemoryLimitBytes = 512 << 20, MemoryPeakBytes = 4 << 20,
                Pids = 3, PidsLimit = 128, IoReadBytes = 4096, IoWriteBytes = 0, ThrottledMicros = 12, OomKills = 1,
            },
        },
    };

    internal static Event Event => new()
    {
        Cursor = 17, Time = At(-5), Type = "container.exited", Container = Exited.Id, Name = "job", Attributes = { ["exit_code"] = "137" },
    };

    internal static LogLine Line => new() { Time = At(-1), Stream = "stdout", Data = ByteString.CopyFromUtf8("grüß\n"), Cursor = "12:3" };

    internal static LogLine BinaryLine => new() { Time = At(-1), Stream = "stderr", Data = ByteString.CopyFrom(0xff, 0x00), Cursor = "12:4" };

    internal static Image Image => new() { Reference = "quilt/busybox:latest", Digest = "sha256:" + new string('b', 64), SizeBytes = 1234567, CreatedAt = At(-86400) };

    internal static GetInfoResponse Info => new()
    {
        Version = "0.1.0", Kernel = "6.1.0", Architecture = "x86_64", CgroupMode = "v2", Cpus = 2, MemoryBytes = 8L << 30, ContainersByState = { ["running"] = 2, ["exited"] = 1 },
        Images = 1, StateDir = "/var/lib/quilt", RunDir = "/run/quilt", StartedAt = At(-3600), WarmShims = 4, Features = { "idmap" },
    };

    private static Timestamp At(double seconds) => Timestamp.FromDateTimeOffset(Now.AddSeconds(seconds));
}
