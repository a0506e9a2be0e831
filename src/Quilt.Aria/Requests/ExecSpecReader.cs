using Quilt.Core;
using Quilt.Engine;

namespace Quilt.Aria;

public static class ExecSpecReader
{
    private const long UsualOutputBytes = 64 << 10;

    // In an answer of JSON a byte may take six, and several answers wait at once: what is longer is read in parts.
    private const long MostOutputBytes = 1 << 20;

    /// <exception cref="QuiltException">InvalidArgument.</exception>
    public static ExecSpec Read(ExecInContainerArguments asked) => new()
    {
        Command = asked.Command.Count > 0
            ? ProcessFields.Arguments("command", asked.Command)
            : throw QuiltException.Invalid("command", "no command is given", "give a program and its arguments"),
        Environment = ProcessFields.Environment(asked.Env),
        WorkingDirectory = ProcessFields.AbsolutePath("workingDir", asked.WorkingDir),
        User = asked.User ?? "",
        Terminal = asked.Tty,
        StdinOpen = asked.StdinOpen,
        Timeout = asked.Timeout is { } timeout && timeout != TimeSpan.Zero
            ? timeout > TimeSpan.Zero ? timeout : throw QuiltException.Invalid("timeout", $"timeout {timeout.TotalSeconds:0.###} s is negative", "give more than 0 seconds, or none")
            : null,
        Window = asked.Window,
    };

    public static long OutputLimit(ExecInContainerArguments asked) => asked.OutputLimit?.Bytes switch
    {
        null or 0 => UsualOutputBytes,
        > 0 and <= MostOutputBytes => asked.OutputLimit.Value.Bytes,
        _ => throw QuiltException.Invalid("outputLimit", $"{asked.OutputLimit.Value.Bytes} bytes of output are too many for an answer", $"give 1 to {MostOutputBytes}: all of it can be read with getExec"),
    };
}
