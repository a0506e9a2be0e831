using Quilt.Launch;
using Quilt.Linux;

namespace Quilt.OciRuntime;

/// <summary>Stands for a child in the foreground: passes signals on to it and ends as it does.</summary>
internal static class ForegroundProcess
{
    // HUP INT QUIT USR1 USR2 TERM CONT; stopping is the terminal's and ours alone.
    private static readonly int[] Forwarded = [1, 2, 3, 10, 12, 15, 18];

    /// <param name="console">The master of its terminal, where nobody else was given it; null without one.</param>
    internal static int Wait(int pid, FileDescriptor process, FileDescriptor? console)
    {
        // The relay's own signals first: what sets them up brings handlers of its own for some of these.
        using TerminalRelay? relay = console is null ? null : new TerminalRelay(console);
        SignalRelay.Begin(process, Forwarded);
        Sys.WaitReadable(process, System.Threading.Timeout.InfiniteTimeSpan);
        return Sys.WaitId(pid, wait: true)!.Value.ExitCode;
    }
}
