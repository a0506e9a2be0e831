using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Quilt.Api.V1;
using Quilt.Engine;
using Quilt.Shim.Contract;

namespace Quilt.Daemon;

/// <summary>Lines, events and ends of processes as the API shows them.</summary>
internal static class StreamMessages
{
    internal static LogLine ToMessage(this LogEntry entry) => new()
    {
        Time = entry.Time.ToTimestamp(),
        Stream = entry.Stream switch { LogStream.Stdout => "stdout", LogStream.Stderr => "stderr", _ => "notice" },
        Data = UnsafeByteOperations.UnsafeWrap(entry.Data),
        Cursor = entry.Next.ToString(),
    };

    internal static Event ToMessage(this EngineEvent happened) => new()
    {
        Cursor = happened.Cursor,
        Time = happened.Time.ToTimestamp(),
        Type = happened.Type,
        Container = happened.Container,
        Name = happened.Name,
        Attributes = { happened.Attributes.ToDictionary() },
    };

    internal static ExecInfo ToMessage(this BackgroundExec exec)
    {
        ExecInfo message = new()
        {
            ExecId = exec.Id,
            Command = { exec.Command },
            Running = exec.Exit is null,
            Pid = exec.Exit is null ? exec.Pid : 0,
            StartedAt = exec.StartedAt.ToTimestamp(),
        };
        if (exec.Exit is { } exit)
        {
            message.ExitedAt = exit.ExitedAt.ToTimestamp();
            message.ExitCode = exit.ExitCode;
            message.Signal = exit.Signal;
            message.TimedOut = exit.TimedOut;
        }

        return message;
    }

    internal static ExecResult ToMessage(this ExitRecord exit, TimeSpan duration) => new()
    {
        ExitCode = exit.ExitCode,
        Signal = exit.Signal,
        TimedOut = exit.TimedOut,
        Duration = duration.ToDuration(),
    };

    internal static ExecResult ToMessage(this ExecOutcome outcome)
    {
        ExecResult message = outcome.Exit.ToMessage(outcome.Duration);
        message.Stdout = UnsafeByteOperations.UnsafeWrap(outcome.Stdout.ToArray());
        message.Stderr = UnsafeByteOperations.UnsafeWrap(outcome.Stderr.ToArray());
        message.StdoutBytes = outcome.Stdout.TotalBytes;
        message.StderrBytes = outcome.Stderr.TotalBytes;
        message.Truncated = outcome.Truncated;
        return message;
    }
}
