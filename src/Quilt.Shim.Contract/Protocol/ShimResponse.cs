namespace Quilt.Shim.Contract;

/// <summary>The answer to a request: an error, or what was asked for.</summary>
public sealed record ShimResponse
{
    public ShimError? Error { get; init; }

    /// <summary>Of create and exec: the process as the host sees it.</summary>
    public ProcessRecord? Process { get; init; }

    /// <summary>Of start: when execve succeeded.</summary>
    public DateTimeOffset? StartedAt { get; init; }

    public ShimState? State { get; init; }

    /// <summary>Where the request asked for it.</summary>
    public ShimWork? Work { get; init; }
}

/// <summary>From when to when a request was worked on.</summary>
/// <param name="Began">A timestamp of <see cref="System.Diagnostics.Stopwatch"/>: CLOCK_MONOTONIC (clock_gettime(2)), one for all processes of the host.</param>
public sealed record ShimWork(long Began, long Ended);

/// <param name="Code">A <see cref="Quilt.Core.ErrorCode"/> wire name.</param>
/// <param name="Stage">Where launching failed, such as <c>mount_proc</c> or <c>exec</c>; null elsewhere.</param>
/// <param name="Errno">The system call's error number; 0 where none.</param>
public sealed record ShimError(string Code, string Message, string? Remedy, string? Stage, int Errno);

/// <summary>A process known for certain: the number alone may be reused.</summary>
/// <param name="StartTime">Field 22 of /proc/PID/stat, in clock ticks since boot (proc(5)).</param>
public sealed record ProcessRecord(int Pid, ulong StartTime);

/// <param name="Status"><c>idle</c>, <c>created</c>, <c>running</c> or <c>exited</c>.</param>
public sealed record ShimState(
    string Status, string? ContainerId, ProcessRecord? Process, DateTimeOffset? StartedAt, ExitRecord? Exit, IReadOnlyList<ExecState> Execs);

public sealed record ExecState(
    string ExecId, IReadOnlyList<string> Args, ProcessRecord Process, DateTimeOffset StartedAt, bool Background, ExitRecord? Exit);

/// <summary>Told to watchers, always after the fact is on disk.</summary>
/// <param name="ExecId">Null for the container itself.</param>
public sealed record ShimEvent(string? ExecId, ExitRecord Exit);
