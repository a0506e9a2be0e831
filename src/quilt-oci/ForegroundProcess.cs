using System.Runtime.InteropServices;
using Quilt.Linux;

namespace Quilt.OciRuntime;

/// <summary>Stands for a child in the foreground: passes signals on to it and ends as it does.</summary>
internal sealed class ForegroundProcess : IDisposable
{
    // HUP INT QUIT USR1 USR2 TERM CONT; stopping is the terminal's and ours alone.
    private static readonly int[] Forwarded = [1, 2, 3, 10, 12, 15, 18];

    private readonly List<PosixSignalRegistration> _signals = [];

    /// <summary>
    /// From now on. One that comes before the child has executed its command waits for that. Taking signals starts a thread of the
    /// runtime's: best done while there is something to wait for anyway.
    /// </summary>
    /// <param name="pid">A child that has not been reaped, so that the number is surely its.</param>
    internal void PassSignalsTo(int pid) => _signals.AddRange(Forwarded.Select(signal => PosixSignalRegistration.Create((PosixSignal)signal, context =>
    {
        context.Cancel = true;
        Sys.Kill(pid, signal);
    })));

    /// <param name="console">The master of its terminal, where nobody else was given it; null without one.</param>
    /// <returns>Its exit code.</returns>
    internal int Wait(int pid, FileDescriptor process, FileDescriptor? console)
    {
        using TerminalRelay? relay = console is null ? null : new TerminalRelay(console);
        Sys.WaitReadable(process, System.Threading.Timeout.InfiniteTimeSpan);

        // Before its number is free again.
        Dispose();
        return Sys.WaitId(pid, wait: true)!.Value.ExitCode;
    }

    public void Dispose()
    {
        _signals.ForEach(s => s.Dispose());
        _signals.Clear();
    }
}
