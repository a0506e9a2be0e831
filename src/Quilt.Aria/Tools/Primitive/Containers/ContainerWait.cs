using Quilt.Core;
using Quilt.Engine;
using Quilt.Shim.Contract;

namespace Quilt.Aria;

/// <summary>What can be waited for of a container: <c>exited</c> (also for none given), <c>running</c>, <c>healthy</c>, <c>port</c> with one, or <c>log</c> with a pattern.</summary>
public sealed record ContainerWait(string? Until, TimeSpan? Timeout)
{
    /// <summary>For <c>log</c>.</summary>
    public string? Pattern { get; init; }

    /// <summary>For <c>log</c>: from then on; null is from the beginning.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>For <c>port</c>.</summary>
    public long? Port { get; init; }

    /// <summary>For <c>port</c>: <c>tcp</c> (also for none given) or <c>udp</c>.</summary>
    public string? Protocol { get; init; }

    private string Awaited => string.IsNullOrEmpty(Until) ? "exited" : Until;

    private string Missing => Awaited switch
    {
        "log" => "has written no line that matches",
        "port" => $"has not listened on port {Port}",
        _ => $"has not come to be {Awaited}",
    };

    /// <returns>The container as it is then, and for <c>log</c> the line.</returns>
    /// <exception cref="QuiltException">InvalidArgument, DeadlineExceeded, or what the engine's waits throw.</exception>
    public async Task<(ContainerRecord Container, LogEntry? Line)> RunAsync(ContainerEngine engine, ContainerRecord record, CancellationToken cancellation)
    {
        RequireNothingElse();
        using CancellationTokenSource patient = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        if (Timeout is { } timeout)
        {
            patient.CancelAfter(TimerSpan.Of(timeout));
        }

        try
        {
            switch (Awaited)
            {
                case "exited":
                    return (await engine.WaitExitedAsync(record.Id, patient.Token).ConfigureAwait(false), null);
                case "running":
                    return (await engine.WaitRunningAsync(record.Id, patient.Token).ConfigureAwait(false), null);
                case "healthy":
                    return (await engine.WaitHealthyAsync(record.Id, patient.Token).ConfigureAwait(false), null);
                case "port":
                    return (await engine.WaitPortAsync(record.Id, PortNumber(), IsUdp(), patient.Token).ConfigureAwait(false), null);
                case "log":
                    string pattern = string.IsNullOrEmpty(Pattern) ? throw QuiltException.Invalid("pattern", "no pattern is given to wait for", "give a regular expression") : Pattern;
                    LogEntry line = await engine.WaitLogAsync(record.Id, LogQueryReader.Pattern(pattern), Since, patient.Token).ConfigureAwait(false);
                    return (engine.Get(record.Id), line);
                default:
                    throw QuiltException.Invalid("until", $"'{Until}' cannot be waited for", "use exited, running, healthy, port or log");
            }
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new QuiltException(
                ErrorCode.DeadlineExceeded, $"'{record.Name}' {Missing} within {DurationText.Format(Timeout ?? TimeSpan.Zero)}", "wait longer, or look at its status and log", "timeout");
        }
    }

    /// <summary>What would be waited for by nobody is refused: who gives it means something.</summary>
    private void RequireNothingElse()
    {
        bool forLog = Awaited == "log", forPort = Awaited == "port";
        string? strange = !forLog && !string.IsNullOrEmpty(Pattern) ? "pattern" : !forLog && Since is not null ? "since" : !forPort && Port is not null ? "port" : !forPort && !string.IsNullOrEmpty(Protocol) ? "protocol" : null;
        if (strange is not null)
        {
            throw QuiltException.Invalid(strange, $"{strange} has no meaning where '{Awaited}' is waited for", $"leave it out, or wait for {(strange is "port" or "protocol" ? "port" : "log")}");
        }
    }

    private int PortNumber() => Port switch
    {
        null => throw QuiltException.Invalid("port", "no port is given to wait for", "give 1 to 65535"),
        >= 1 and <= 65535 => (int)Port,
        _ => throw QuiltException.Invalid("port", $"{Port} is no port", "give 1 to 65535"),
    };

    private bool IsUdp() => Protocol switch
    {
        null or "" or "tcp" => false,
        "udp" => true,
        _ => throw QuiltException.Invalid("protocol", $"nothing listens by '{Core.Text.Printable(Protocol)}'", "use tcp or udp"),
    };
}
