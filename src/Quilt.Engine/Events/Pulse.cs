namespace Quilt.Engine;

/// <summary>Wakes everybody who waits for a change. Take <see cref="Next"/> first, then look, then wait: no change is missed.</summary>
internal sealed class Pulse
{
    private volatile TaskCompletionSource _next = New();

    /// <summary>Done at the next change.</summary>
    internal Task Next => _next.Task;

    internal void Beat() => Interlocked.Exchange(ref _next, New()).SetResult();

    // Waiters go on elsewhere: whoever made the change is not to run their code.
    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
