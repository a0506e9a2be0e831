using Quilt.Core;

namespace Quilt.Cli;

/// <summary>The one table from error codes to exit codes. docs/cli.md shows it.</summary>
internal static class ExitCodes
{
    /// <summary>A command run in a container could not even be tried, as docker has it.</summary>
    internal const int NotRun = 125;

    /// <summary>Our reader is gone: what a shell shows of a program that SIGPIPE ended.</summary>
    internal const int BrokenPipe = 128 + 13;

    internal static int Of(ErrorCode code) => code switch
    {
        ErrorCode.InvalidArgument => 2,
        ErrorCode.NotFound => 3,
        ErrorCode.AlreadyExists => 4,
        ErrorCode.FailedPrecondition => 5,
        ErrorCode.ResourceExhausted => 6,
        ErrorCode.DeadlineExceeded => 124,
        ErrorCode.CommandNotExecutable => 126,
        ErrorCode.CommandNotFound => 127,
        _ => 1,
    };

    /// <param name="endsAsItsCommand">The exit code belongs to a command in the container, so ours are apart from it.</param>
    internal static int Of(ErrorCode code, bool endsAsItsCommand) => (endsAsItsCommand, code) switch
    {
        (true, ErrorCode.CommandNotExecutable or ErrorCode.CommandNotFound) or (false, _) => Of(code),
        (true, _) => NotRun,
    };
}
