namespace Quilt.Shim.Contract;

/// <summary>How a process ended. Written to <c>exit.json</c> in the bundle (or <c>execs/ID/</c>) and synced before anyone is told.</summary>
/// <param name="ExitCode">Its exit status; 128 + signal where a signal ended it.</param>
/// <param name="Signal">The signal that ended it, or 0.</param>
/// <param name="OomKilled">The kernel killed something in its cgroup for memory.</param>
/// <param name="TimedOut">An exec that ran into its timeout.</param>
public sealed record ExitRecord(int ExitCode, int Signal, bool OomKilled, bool TimedOut, DateTimeOffset ExitedAt)
{
    public const string FileName = "exit.json";

    /// <summary>The beginning of what an exec ran, in its file alone: nobody else knows it any more when its container has ended.</summary>
    public IReadOnlyList<string>? Command { get; init; }

    /// <summary>As <see cref="Command"/>.</summary>
    public DateTimeOffset? StartedAt { get; init; }
}
