using Google.Protobuf.WellKnownTypes;
using Quilt.Api.V1;
using Quilt.Aria;
using Quilt.Core;
using Quilt.Shim.Contract;

namespace Quilt.Daemon;

/// <summary>Requests as the arguments of the tools that do the same: checked there, for all faces alike.</summary>
internal static class RequestArguments
{
    internal static CreateContainerArguments Of(CreateContainerRequest request)
    {
        ContainerSpec spec = request.Spec ?? new ContainerSpec();
        return new CreateContainerArguments
        {
            Name = spec.Name,
            Image = spec.Image,
            Command = spec.Command,
            Entrypoint = spec.ClearEntrypoint || spec.Entrypoint.Count > 0 ? spec.Entrypoint : null,
            Env = spec.Env.AsReadOnly(),
            WorkingDir = spec.WorkingDir,
            User = spec.User,
            Labels = spec.Labels.AsReadOnly(),
            Hostname = spec.Hostname,
            Strategy = ContainerSpecReader.Strategy(spec.Strategy),
            Ttl = WireTime.Span("ttl", spec.Ttl),
            TaskId = spec.TaskId,
            Ulimits = [.. spec.Ulimits.Select(u => new UlimitArguments { Name = u.Name, Soft = u.Soft, Hard = u.Hard })],
            Mounts =
            [
                .. spec.Tmpfs.Select(t => new MountArguments { Path = t.Path, Size = new ByteSize(t.SizeBytes) }),
                .. spec.Mounts.Select(m => new MountArguments { Type = TypeOf(m), Path = m.Path, Volume = Given(m.Volume), Source = Given(m.Source), ReadOnly = m.ReadOnly }),
            ],
            ReadOnlyRootfs = spec.ReadOnlyRootfs,
            Capabilities = new CapabilitiesArguments { Add = spec.CapAdd, Drop = spec.CapDrop },
            Init = spec.HasInit ? spec.Init : null,
            StopSignal = spec.StopSignal,
            StopTimeout = WireTime.Span("stopTimeout", spec.StopTimeout),
            StopOrder = spec.StopOrder,
            Networks = spec.Networks,
            Secrets = spec.Secrets,
            Healthcheck = spec.HealthCheck is { } health ? Of(health) : null,
            AutoStart = request.AutoStart,
            Tty = spec.Tty,
            StdinOpen = spec.StdinOpen,
            AutoRemove = spec.AutoRemove,
            Window = Window(request.TerminalSize),
        }.With(spec.Resources);
    }

    private static string TypeOf(Mount mount) => mount.Type is "volume" or "bind"
        ? mount.Type
        : throw QuiltException.Invalid("mounts.type", $"a mount of type '{mount.Type}' is unknown", "give volume or bind; file systems in memory are tmpfs");

    private static string? Given(string text) => text.Length == 0 ? null : text;

    private static HealthcheckArguments Of(Api.V1.HealthCheck health) => new()
    {
        Test = health.Test,
        Interval = WireTime.Span("healthcheck.interval", health.Interval),
        Timeout = WireTime.Span("healthcheck.timeout", health.Timeout),
        StartPeriod = WireTime.Span("healthcheck.startPeriod", health.StartPeriod),
        StartInterval = WireTime.Span("healthcheck.startInterval", health.StartInterval),
        Retries = health.Retries == 0 ? null : health.Retries,
    };

    internal static ExecInContainerArguments Of(ExecRequest request) => new()
    {
        Container = request.Container,
        Command = request.Command,
        Env = request.Env.AsReadOnly(),
        WorkingDir = request.WorkingDir,
        User = request.User,
        Tty = request.Tty,
        Timeout = WireTime.Span("timeout", request.Timeout),
        Background = request.Background,
        OutputLimit = new ByteSize(request.OutputLimitBytes),
        StdinOpen = request.StdinOpen,
        Window = Window(request.TerminalSize),
    };

    internal static GetContainerLogsArguments Of(GetLogsRequest request) => new()
    {
        Container = request.Container,
        Tail = request.HasTail ? LogQueryReader.Tail(request.Tail) : null,
        Since = WireTime.Moment("since", request.Since),
        Until = WireTime.Moment("until", request.Until),
        Stream = request.Stream,
        Pattern = request.Pattern,
        Follow = request.Follow,
        Cursor = request.Cursor,
    };

    internal static WindowSize? Window(TerminalSize? size) => size is null or { Columns: 0 } or { Rows: 0 }
        ? null
        : size is { Columns: <= ushort.MaxValue, Rows: <= ushort.MaxValue }
            ? new WindowSize((ushort)size.Columns, (ushort)size.Rows)
            : throw QuiltException.Invalid("terminal_size", $"a terminal of {size.Columns} by {size.Rows} is too large", $"give at most {ushort.MaxValue} each");

    internal static TimeSpan? Timeout(Duration? timeout) => WireTime.Span("timeout", timeout) is { } time ? ContainerSpecReader.NotNegative("timeout", time) : null;
}
