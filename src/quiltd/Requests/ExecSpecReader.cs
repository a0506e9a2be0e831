using Quilt.Api.V1;
using Quilt.Core;
using Quilt.Engine;

namespace Quilt.Daemon;

internal static class ExecSpecReader
{
    private const long UsualOutputBytes = 64 << 10, MostOutputBytes = 16 << 20;

    /// <exception cref="QuiltException">InvalidArgument.</exception>
    internal static ExecSpec Read(ExecRequest request) => new()
    {
        Command = request.Command.Count > 0
            ? ProcessFields.Arguments("command", request.Command)
            : throw QuiltException.Invalid("command", "no command is given", "give a program and its arguments"),
        Environment = ProcessFields.Environment(request.Env),
        WorkingDirectory = ProcessFields.AbsolutePath("working_dir", request.WorkingDir),
        User = request.User,
        Terminal = request.Tty,
        StdinOpen = request.StdinOpen,
        Timeout = request.Timeout is { } timeout && timeout.ToTimeSpan() is var time && time != TimeSpan.Zero
            ? time > TimeSpan.Zero ? time : throw QuiltException.Invalid("timeout", $"timeout {time.TotalSeconds:0.###} s is negative", "give more than 0 seconds, or none")
            : null,
        Window = ProcessFields.Window(request.TerminalSize),
    };

    internal static long OutputLimit(ExecRequest request) => request.OutputLimitBytes switch
    {
        0 => UsualOutputBytes,
        > 0 and <= MostOutputBytes => request.OutputLimitBytes,
        _ => throw QuiltException.Invalid("output_limit_bytes", $"{request.OutputLimitBytes} bytes of output cannot be kept", $"give 1 to {MostOutputBytes}, or use a stream or a background exec for more"),
    };
}
