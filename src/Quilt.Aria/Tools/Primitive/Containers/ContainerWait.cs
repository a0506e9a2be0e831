using Quilt.Core;
using Quilt.Engine;
using Quilt.Shim.Contract;

namespace Quilt.Aria;

/// <summary>What can be waited for of a container: <c>exited</c> (also for none given), <c>running</c>, <c>healthy</c>, or <c>log</c> with a pattern.</summary>
public sealed record ContainerWait(string? Until, string? Pattern, TimeSpan? Timeout)
{
    private string Awaited => string.IsNullOrEmpty(Until) ? "exited" : Until;

    /// <returns>The container as it is then, and for <c>log</c> the line.</returns>
    /// <exception cref="QuiltException">InvalidArgument, DeadlineExceeded, or what the engine's waits throw.</exception>
    public async Task<(ContainerRecord Container, LogEntry? Line)> RunAsync(ContainerEngine engine, ContainerRecord record, CancellationToken cancellation)
    {
        using CancellationTokenSource patient = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        if (Timeout is { } timeout)
        {
            patient.CancelAfter(timeout);
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
                case "log":
                    string pattern = string.IsNullOrEmpty(Pattern) ? throw QuiltException.Invalid("pattern", "no pattern is given to wait for", "give a regular expression") : Pattern;
                    LogEntry line = await engine.WaitLogAsync(record.Id, LogQueryReader.Pattern(pattern), patient.Token).ConfigureAwait(false);
                    return (engine.Get(record.Id), line);
                default:
                    throw QuiltException.Invalid("until", $"'{Until}' cannot be waited for", "use exited, running, healthy or log");
            }
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new QuiltException(
                ErrorCode.DeadlineExceeded, $"'{record.Name}' has not come to be {Awaited} within {DurationText.Format(Timeout ?? TimeSpan.Zero)}", "wait longer, or look at its status and log", "timeout");
        }
    }
}
