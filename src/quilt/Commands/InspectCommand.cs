using System.CommandLine;
using System.Globalization;
using Google.Protobuf.WellKnownTypes;
using Quilt.Api.V1;
using Quilt.Core;

namespace Quilt.Cli;

internal sealed class InspectCommand : CliCommand
{
    private readonly Argument<string> _container;

    internal InspectCommand()
        : base("inspect", "Show all there is to know of a container") => _container = Word("CONTAINER");

    internal override string Usage => "CONTAINER";

    internal override IReadOnlyList<Example> Examples =>
    [
        new("quilt inspect web", "For a person"),
        new("quilt inspect web --json", "For a program: one JSON object"),
    ];

    internal override ArgumentKind Completes => ArgumentKind.Container;

    internal override async Task<int> RunAsync(Invocation call)
    {
        Container container = await call.Daemon.GetContainerAsync(new ContainerRequest { Container = call.Get(_container) });
        if (call.Json)
        {
            CliJson.WriteDocument(call.Out, ViewOf.Detail(container), j => j.ContainerDetailView);
        }
        else
        {
            Write(call.Out, call.Streams.Style, container, DateTimeOffset.UtcNow);
        }

        return 0;
    }

    internal static void Write(TextWriter to, Style style, Container c, DateTimeOffset now)
    {
        new FieldList()
            .Add("id", c.Id)
            .Add("name", c.Name)
            .Add("status", PsCommand.Status(c, now))
            .Add("exit signal", c.ExitSignal == 0 ? null : Number(c.ExitSignal))
            .Add("exit reason", c.ExitReason)
            .Add("image", c.Image)
            .Add("image digest", c.ImageDigest)
            .Add("snapshot", c.Snapshot)
            .Add("command", string.Join(' ', c.Command))
            .Add("working dir", c.WorkingDir)
            .Add("user", c.User)
            .Add("hostname", c.Hostname)
            .Add("environment", Pairs(c.Env))
            .Add("labels", Pairs(c.Labels))
            .Add("strategy", c.Strategy)
            .Add("pid", c.Pid == 0 ? null : Number(c.Pid))
            .Add("host ids", c.HostIdBase == 0 ? null : $"{c.HostIdBase} and the 65,535 after it")
            .Add("memory", c.Resources is null ? null : new ByteSize(c.Resources.MemoryBytes).ToString())
            .Add("cpus", c.Resources is null ? null : LimitText.Cpus(c.Resources.Cpus))
            .Add("pids", c.Resources is null ? null : LimitText.Pids(c.Resources.Pids))
            .Add("disk", c.Resources is null or { DiskBytes: 0 } ? null : new ByteSize(c.Resources.DiskBytes).ToString())
            .Add("more limits", c.Resources is null ? null : Limits(c.Resources))
            .Add("ulimits", string.Join(' ', c.Ulimits.Select(u => $"{u.Name}={Limit(u.Soft)}:{Limit(u.Hard)}")))
            .Add("capabilities", string.Join(' ', c.Capabilities))
            .Add("flags", Flags(c))
            .Add("stop", c.StopSignal.Length == 0 ? null : $"{c.StopSignal} {c.StopTimeout?.ToTimeSpan().TotalSeconds.ToString(CultureInfo.InvariantCulture)}s")
            .Add("volumes", string.Join(' ', c.Volumes))
            .Add("mounts", string.Join(' ', c.Mounts.Select(m => $"{Source(m)}:{m.Path}{(m.ReadOnly ? ":ro" : "")}")))
            .Add("tmpfs", string.Join(' ', c.Tmpfs.Select(t => t.SizeBytes == 0 ? t.Path : $"{t.Path}:size={new ByteSize(t.SizeBytes)}")))
            .Add("exposed ports", string.Join(' ', c.ExposedPorts))
            .Add("health check", HealthCheck(c.HealthCheck))
            .Add("last probe", c.Health?.Probes is { Count: > 0 } probes && probes[^1] is var probe ? $"{Number(probe.ExitCode)} {Text.Printable(probe.Output.TrimEnd())}".TrimEnd() : null)
            .Add("restarts", c.RestartCount == 0 ? null : Number(c.RestartCount))
            .Add("created", ViewOf.Time(c.CreatedAt))
            .Add("started", ViewOf.Time(c.StartedAt))
            .Add("exited", ViewOf.Time(c.ExitedAt))
            .Add("expires", ViewOf.Time(c.ExpiresAt))
            .Write(to, style);
    }

    /// <summary>By its name; one that is gone has its id alone.</summary>
    private static string Source(Mount mount) => mount.VolumeName.Length > 0 ? mount.VolumeName : mount.Volume.Length > 0 ? mount.Volume : mount.Type;

    private static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);

    private static string Limit(ulong value) => value == ulong.MaxValue ? "unlimited" : value.ToString(CultureInfo.InvariantCulture);

    private static string? HealthCheck(HealthCheck? check) => check is null
        ? null
        : $"{string.Join(' ', check.Test.Skip(1))} (every {Seconds(check.Interval)}, timeout {Seconds(check.Timeout)}, {Number(check.Retries)} retries, start period {Seconds(check.StartPeriod)})";

    private static string Seconds(Duration? time) => DurationText.Format(time?.ToTimeSpan() ?? TimeSpan.Zero);

    private static string Pairs(IDictionary<string, string> map) => string.Join(' ', map.OrderBy(p => p.Key, StringComparer.Ordinal).Select(p => $"{p.Key}={p.Value}"));

    private static string Flags(Container c) => string.Join(' ', new[]
    {
        c.Tty ? "tty" : null, c.StdinOpen ? "interactive" : null, c.AutoRemove ? "rm" : null, c.Init ? "init" : null, c.ReadOnlyRootfs ? "read-only" : null,
    }.Where(f => f is not null));

    private static string Limits(Resources r) => string.Join(", ", (string[])
    [
        .. r.MemoryHighBytes > 0 ? (string[])[$"memory high {new ByteSize(r.MemoryHighBytes)}"] : [],
        .. r.SwapBytes > 0 ? (string[])[$"swap {new ByteSize(r.SwapBytes)}"] : [],
        .. r.Cpuset.Length > 0 ? (string[])[$"cpuset {r.Cpuset}"] : [],
        .. r.CpuWeight > 0 ? (string[])[$"cpu weight {Number(r.CpuWeight)}"] : [],
        .. r.IoWeight > 0 ? (string[])[$"io weight {Number(r.IoWeight)}"] : [],
        .. r.Io.Select(l => LimitText.Io(l.Device, (l.ReadBps, l.ReadIops), (l.WriteBps, l.WriteIops))),
        .. r.Hugepages.Select(h => $"huge pages of {new ByteSize(h.SizeBytes)}: {new ByteSize(h.LimitBytes)}"),
    ]);
}
