using System.Diagnostics;
using Quilt.Core;
using Quilt.Shim.Contract;

namespace Quilt.Engine;

/// <summary>One question to a shim, and what the shim did for it, as spans of the trace that we are in.</summary>
internal static class ShimSpan
{
    /// <summary>Asks; where nobody listens, no more than that.</summary>
    internal static Task<T> RunAsync<T>(ShimRequest request, Func<ShimRequest, Task<T>> ask, Func<T, ShimResponse> answer) => Activity.Current is null || !Telemetry.Source.HasListeners()
        ? ask(request)
        : TracedAsync(request, ask, answer);

    private static async Task<T> TracedAsync<T>(ShimRequest request, Func<ShimRequest, Task<T>> ask, Func<T, ShimResponse> answer)
    {
        string name = $"shim {NameOf(request)}";
        using Activity? span = Telemetry.Source.StartActivity(name, ActivityKind.Client)?.SetTag("quilt.container.id", request.ContainerId);
        try
        {
            T answered = await ask(request with { Timed = span is not null }).ConfigureAwait(false);
            if (answer(answered).Work is { } work)
            {
                DateTimeOffset ended = DateTimeOffset.UtcNow - Stopwatch.GetElapsedTime(work.Ended);
                using Activity? inShim = Telemetry.Source.StartActivity($"quilt-{name}", ActivityKind.Server, default(ActivityContext), startTime: ended - Stopwatch.GetElapsedTime(work.Began, work.Ended));
                inShim?.SetEndTime(ended.UtcDateTime);
            }

            return answered;
        }
        catch (QuiltException e)
        {
            span?.SetFailure(e.Code.WireName());
            throw;
        }
    }

    private static string NameOf(ShimRequest request) => request switch
    {
        { Create.Start: true } => "create and start",
        { Create: not null } => "create",
        { Start: not null } => "start",
        { Signal: not null } => "signal",
        { Exec: not null } => "exec",
        { ExecInput: not null } => "input",
        { Attach: not null } => "attach",
        { FollowLog: not null } => "follow log",
        { Reset: not null } => "reset",
        _ => "state",
    };
}
