using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using Quilt.Linux;

namespace Quilt.Cognition.Program;

/// <summary>
/// The process that reads a document. The thread that starts it has left the network (as root; others have the filter alone) and given up
/// new privileges before, so that the process has neither from its first instruction on; and it stays until the process has ended, for
/// the parent whose death is signalled is the thread.
/// </summary>
internal sealed class WorkerProcess : IDisposable
{
    private readonly TaskCompletionSource<Process> _started = new();
    private readonly TaskCompletionSource<int> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Process _process;

    public WorkerProcess(DocumentLimits limits)
    {
        new Thread(() => Live(limits)) { IsBackground = true, Name = "worker" }.Start();
        _process = _started.Task.GetAwaiter().GetResult();
    }

    public Stream Input => _process.StandardInput.BaseStream;

    public Stream Output => _process.StandardOutput.BaseStream;

    public StreamReader Errors => _process.StandardError;

    /// <summary>Its exit code, 128 + signal where one ended it.</summary>
    public Task<int> Ended => _ended.Task;

    /// <summary>Ends it, or sees to it that it ends soon.</summary>
    public void Kill()
    {
        try
        {
            _process.Kill();
        }
        catch (Exception e) when (e is InvalidOperationException or Win32Exception)
        {
            // It has ended; or it is still root as we are no more, and ends when its input does.
        }

        Close(_process.StandardInput);
    }

    /// <summary>Ends it, and waits for that.</summary>
    public void Dispose()
    {
        Kill();
        _ended.Task.GetAwaiter().GetResult();
        _process.Dispose();
    }

    private void Live(DocumentLimits limits)
    {
        Process process;
        try
        {
            if (Rights.IsRoot)
            {
                Sys.Unshare(NamespaceKind.Network | NamespaceKind.Ipc);
            }

            Sys.ProcessControl(ProcessControlOption.SetNoNewPrivileges, 1);
            process = Process.Start(Command(limits))!;
            _started.SetResult(process);
        }
        catch (Exception e)
        {
            _started.SetException(e);
            return;
        }

        process.WaitForExit();
        _ended.SetResult(process.ExitCode);
    }

    private static ProcessStartInfo Command(DocumentLimits limits)
    {
        ProcessStartInfo start = new(Environment.ProcessPath!, [ParseCommand.Name, limits.CpuSeconds.ToString(CultureInfo.InvariantCulture)])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = "/",
        };
        start.Environment.Clear();
        start.Environment["DOTNET_EnableDiagnostics"] = "0";
        start.Environment["DOTNET_GCHeapHardLimit"] = limits.MemoryBytes.ToString("X", CultureInfo.InvariantCulture);
        return start;
    }

    private static void Close(StreamWriter input)
    {
        try
        {
            input.Dispose();
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            // Closed already, here or at the other end.
        }
    }
}
