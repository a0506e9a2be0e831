using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Quilt.Core;
using Quilt.Engine;
using Quilt.Shim.Contract;

namespace Quilt.Aria;

public sealed record WaitForContainerArguments
{
    [Description("Its name, id, or an unambiguous beginning of the id.")]
    public required string Container { get; init; }

    [Description("exited: its command has ended; running: it runs; healthy: a probe of its health check has succeeded; port: a process in it listens on the port; log: a line of its log matches the pattern.")]
    [AllowedValues("exited", "running", "healthy", "port", "log")]
    [DefaultValue("exited")]
    public string? Until { get; init; }

    [Description("For port: its number.")]
    [Range(1, 65535)]
    public int? Port { get; init; }

    [Description("For port: tcp, or udp.")]
    [AllowedValues("tcp", "udp")]
    [DefaultValue("tcp")]
    public string? Protocol { get; init; }

    [Description("For log: a regular expression.")]
    public string? Pattern { get; init; }

    [Description("For log: only lines from then on (RFC 3339); from the beginning of the log where it is left out.")]
    public DateTimeOffset? Since { get; init; }

    [Description("How long at most: seconds, or a text such as \"30s\".")]
    public required TimeSpan Timeout { get; init; }
}

public sealed record WaitForContainerResult
{
    [Description("What was waited for.")]
    public required string Happened { get; init; }
    public required DateTimeOffset At { get; init; }
    public required ContainerView Container { get; init; }

    [Description("The line that matched.")]
    public LogLineView? Line { get; init; }
}

/// <summary>Waits without asking again and again.</summary>
public sealed class WaitForContainerTool(ContainerEngine engine) : Tool<WaitForContainerArguments, WaitForContainerResult>
{
    private static readonly TimeSpan Longest = TimeSpan.FromHours(24);

    public override ToolDefinition Definition { get; } = new("waitForContainer")
    {
        Title = "Wait for a container",
        Description = "Waits until a container has exited, runs, is healthy, listens on a port, or has written a line that matches; a port is only looked for, not connected to. It costs next to nothing while it waits: use it instead of asking for the status again and again. What can no longer come, such as the health of one that is unhealthy or has ended, is failed_precondition at once; not in time is the error deadline_exceeded, and the container goes on.",
        Example = """{"container": "db", "until": "log", "pattern": "ready to accept", "timeout": "60s"}""",
        Level = SecurityLevel.Safe,
        Idempotent = true,
    };

    protected override async Task<WaitForContainerResult> RunAsync(WaitForContainerArguments arguments, ToolContext context, CancellationToken cancellation)
    {
        if (arguments.Timeout <= TimeSpan.Zero || arguments.Timeout > Longest)
        {
            throw QuiltException.Invalid("timeout", $"a timeout of {arguments.Timeout.TotalSeconds:0.###} s is out of bounds", $"give more than 0 s, and at most {DurationText.Format(Longest)}");
        }

        string until = arguments.Until ?? "exited";
        ContainerRecord record = context.Caller.Container(arguments.Container, Access.Use);
        using CancellationTokenSource waiting = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        Task telling = ProgressTicks.RunAsync(context.Progress, $"waiting for {record.Name} to be {until}", arguments.Timeout, waiting.Token);
        try
        {
            (ContainerRecord now, LogEntry? line) = await new ContainerWait(until, arguments.Timeout)
            {
                Pattern = arguments.Pattern,
                Since = arguments.Since,
                Port = arguments.Port,
                Protocol = arguments.Protocol,
            }.RunAsync(engine, record, cancellation).ConfigureAwait(false);
            ContainerState.Running? running = now.State as ContainerState.Running;
            return new WaitForContainerResult
            {
                Happened = until,
                At = line?.Time ?? ContainerView.ExitOf(now)?.At ?? (until == "healthy" && running?.Health?.Probes is [.., var last] ? last.EndedAt : running?.StartedAt) ?? DateTimeOffset.UtcNow,
                Container = ContainerView.Of(now),
                Line = line is null ? null : LogLineView.Of(line),
            };
        }
        finally
        {
            await waiting.CancelAsync().ConfigureAwait(false);
            await telling.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
