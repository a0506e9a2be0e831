using Quilt.Core;
using Quilt.Launch;
using Quilt.Linux;
using Quilt.Shim.Contract;

namespace Quilt.Shim;

/// <summary>A process beside the container's own.</summary>
internal sealed class ContainerExec
{
    private const long LogBytes = 16 << 20;
    private const int LogFiles = 2;

    private readonly string _folder;
    private readonly Action<ContainerExec> _ended;

    private ContainerExec(ShimExecRequest request, IReadOnlyList<FileDescriptor> handedOver, string folder, LaunchedProcess launched, ICgroup cgroup, EventLoop loop, ProcessStreams streams, Action<ContainerExec> ended)
    {
        (Request, HandedOver, _folder, _ended) = (request, handedOver, folder, ended);
        Process = new SupervisedProcess(loop, launched.Pid, launched.StartTime, launched.PidFd, cgroup, streams, Record);
    }

    internal ShimExecRequest Request { get; }
    internal SupervisedProcess Process { get; }

    /// <summary>The reading ends of its outputs where they were asked for: to be sent away, and closed.</summary>
    internal IReadOnlyList<FileDescriptor> HandedOver { get; }
    internal DateTimeOffset StartedAt { get; } = DateTimeOffset.UtcNow;
    /// <summary>It was begun so, or whoever followed it has let go of it.</summary>
    internal bool IsBackground => Request.Background || Process.IsLeft;

    /// <param name="argumentText">So many characters of its arguments are told at most.</param>
    internal ExecState StateWith(int argumentText) =>
        new(Request.ExecId, Beginning(Request.Process.Args, argumentText), Process.Identity, StartedAt, IsBackground, Process.Exit);

    /// <param name="launched">It has executed its command.</param>
    /// <exception cref="SyscallException">It has been ended.</exception>
    internal static ContainerExec Of(LaunchedProcess launched, Container container, ShimExecRequest request, EventLoop loop, ProcessStreams streams, Action<ContainerExec> ended)
    {
        using Rollback rollback = new();
        rollback.OnFailure(launched.Destroy);
        using FileDescriptor? console = launched.Console;
        IReadOnlyList<FileDescriptor> handedOver = request is { HandOver: true, Background: false } ? streams.HandOver() : [];
        rollback.OnFailure(() => Array.ForEach([.. handedOver], d => d.Dispose()));
        streams.Begin(console);
        ContainerExec exec = new(request, handedOver, FolderOf(container, request), launched, container.Cgroup, loop, streams, ended);
        rollback.OnFailure(exec.Process.Forget);
        if (request.TimeoutMillis > 0)
        {
            exec.Process.KillAfter(loop, TimeSpan.FromMilliseconds(request.TimeoutMillis));
        }

        rollback.Commit();
        return exec;
    }

    internal static string FolderOf(Container container, ShimExecRequest request) => container.Layout.Exec(request.ExecId);

    /// <summary>Whoever followed it lets go of it: what it writes from now on is kept, as of one that was begun in the background.</summary>
    internal void Leave()
    {
        Process.IsLeft = true;
        try
        {
            Directory.CreateDirectory(_folder);
            Process.Streams.Log = OpenLog(_folder);
        }
        catch (Exception e) when (e is IOException or SyscallException)
        {
            // Such as on a full disk: it goes on all the same.
        }
    }

    internal static LogWriter OpenLog(string folder) => new(folder, LogBytes, LogFiles);

    private static List<string> Beginning(IReadOnlyList<string> arguments, int length)
    {
        List<string> told = [];
        foreach (string argument in arguments)
        {
            if (argument.Length > length)
            {
                told.Add(argument[..length] + "…");
                break;
            }

            told.Add(argument);
            length -= argument.Length;
        }

        return told;
    }

    private void Record(SupervisedProcess process, ProcessEnd end)
    {
        ExitRecord exit = new(end.ExitCode, end.Signal, false, process.TimedOut, DateTimeOffset.UtcNow);
        if (process.Streams.Log is not null)
        {
            ExitFile.Write(_folder, exit with { Command = Beginning(Request.Process.Args, ExecTable.MostArgumentText), StartedAt = StartedAt }, ephemeral: false);
        }

        process.SetExit(exit);
        _ended(this);
    }
}
