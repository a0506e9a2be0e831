using System.Runtime.InteropServices;
using Quilt.Linux;

namespace Quilt.OciRuntime;

/// <summary>Stands for a child in the foreground: passes signals on to it and ends as it does.</summary>
internal static class ForegroundProcess
{
    private static readonly (PosixSignal Signal, int Number)[] Forwarded =
    [
        (PosixSignal.SIGINT, 2), (PosixSignal.SIGTERM, 15), (PosixSignal.SIGHUP, 1), (PosixSignal.SIGQUIT, 3),
    ];

    internal static int Wait(int pid, FileDescriptor process)
    {
        List<PosixSignalRegistration> registrations = [.. Forwarded.Select(f => PosixSignalRegistration.Create(f.Signal, context =>
        {
            context.Cancel = true;
            Sys.PidFdSendSignal(process, f.Number);
        }))];
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
