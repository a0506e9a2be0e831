using System.Diagnostics;
using Quilt.Api.V1;

namespace Quilt.Cli;

/// <summary>Where the output of a command in the foreground goes: to our own, or into one JSON document at its end.</summary>
internal abstract class SessionOutput
{
    internal static SessionOutput For(Invocation call) => call.Json ? new Captured(call) : new Direct(call.Streams);

    internal abstract void Stdout(ReadOnlySpan<byte> bytes);

    internal abstract void Stderr(ReadOnlySpan<byte> bytes);

    internal abstract void Ended(ExecResult exit, string? containerId);

    private sealed class Direct(StandardStreams streams) : SessionOutput
    {
        internal override void Stdout(ReadOnlySpan<byte> bytes) => streams.OutBytes.Write(bytes);

        internal override void Stderr(ReadOnlySpan<byte> bytes) => streams.ErrorBytes.Write(bytes);

        internal override void Ended(ExecResult exit, string? containerId)
        {
        }
    }

    private sealed class Captured(Invocation call) : SessionOutput
    {
        private const int LimitBytes = 64 * 1024;
        private readonly CapturedOutput _stdout = new(LimitBytes), _stderr = new(LimitBytes);
        private readonly long _began = Stopwatch.GetTimestamp();

        internal override void Stdout(ReadOnlySpan<byte> bytes) => _stdout.Add(bytes);

        internal override void Stderr(ReadOnlySpan<byte> bytes) => _stderr.Add(bytes);

        internal override void Ended(ExecResult exit, string? containerId) => CliJson.WriteDocument(call.Out, new CommandResultView
        {
            ContainerId = containerId,
            ExitCode = exit.ExitCode,
            Signal = exit.Signal == 0 ? null : exit.Signal,
            Stdout = _stdout.Text(),
            Stderr = _stderr.Text(),
            Truncated = _stdout.Truncated || _stderr.Truncated,
            StdoutBytes = _stdout.TotalBytes,
            StderrBytes = _stderr.TotalBytes,
            TimedOut = exit.TimedOut,
            DurationMs = exit.Duration is null ? Math.Round(Stopwatch.GetElapsedTime(_began).TotalMilliseconds, 3) : ViewOf.Milliseconds(exit.Duration),
        }, j => j.CommandResultView);
    }

}
