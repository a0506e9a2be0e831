using System.Text;
using Wire = Quilt.Api.V1;

namespace Quilt.Client;

/// <summary>How a command ended. An exit code other than 0 is a result like any other.</summary>
public sealed record ExecResult
{
    /// <summary>128 + N where signal N ended it.</summary>
    public required int ExitCode { get; init; }

    /// <summary>Null where it ended by itself.</summary>
    public required int? Signal { get; init; }

    /// <summary>As it was written; its head and tail where <see cref="Truncated"/>. Empty at the end of a stream, which brought it.</summary>
    public required ReadOnlyMemory<byte> StdoutBytes { get; init; }

    public required ReadOnlyMemory<byte> StderrBytes { get; init; }

    /// <summary>Whether something was left out of either.</summary>
    public required bool Truncated { get; init; }

    /// <summary>It was killed because its time ran out.</summary>
    public required bool TimedOut { get; init; }

    public required TimeSpan Duration { get; init; }

    /// <summary>What is not UTF-8 is U+FFFD.</summary>
    public string Stdout => Encoding.UTF8.GetString(StdoutBytes.Span);

    public string Stderr => Encoding.UTF8.GetString(StderrBytes.Span);

    internal static ExecResult Of(Wire.ExecResult result) => new()
    {
        ExitCode = result.ExitCode,
        Signal = result.Signal == 0 ? null : result.Signal,
        StdoutBytes = result.Stdout.Memory,
        StderrBytes = result.Stderr.Memory,
        Truncated = result.Truncated,
        TimedOut = result.TimedOut,
        Duration = result.Duration?.ToTimeSpan() ?? TimeSpan.Zero,
    };
}
