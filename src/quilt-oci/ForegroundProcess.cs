using System.Runtime.InteropServices;
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
        List<PosixSignalRegistration> registrations = [.. Forwarded.Select(signal => PosixSignalRegistration.Create((PosixSignal)signal, context =>
        {
            context.Cancel = true;
            Sys.PidFdSendSignal(process, signal);
        }))];
        using TerminalRelay? relay = console is null ? null : new TerminalRelay(console);
        try
        {
            Sys.WaitReadable(process, System.Threading.Timeout.InfiniteTimeSpan);
            return Sys.WaitId(pid, wait: true)!.Value.ExitCode;
        }
        finally
        {
            registrations.ForEach(r => r.Dispose());
        }
    }
}
