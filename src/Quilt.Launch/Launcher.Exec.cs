using Quilt.Core;
using Quilt.Launch.Child;
using Quilt.Launch.Native;
using Quilt.Launch.Parent;
using Quilt.Linux;
using Quilt.Oci;

namespace Quilt.Launch;

/// <summary>A process to run in a container that runs already.</summary>
public sealed record ExecRequest
{
    /// <summary>The container's first process.</summary>
    public required FileDescriptor Container { get; init; }

    /// <summary>The container's configuration: its namespaces and system call filter hold for the new process too.</summary>
    public required OciSpec Spec { get; init; }
    public required OciProcess Process { get; init; }

    /// <summary>
    /// Absolute path of an already compiled system call filter (struct sock_filter, 8 bytes each), in place of the configuration's
    /// <c>linux.seccomp</c>: the engine compiles a policy once for all containers.
    /// </summary>
    public string? Filter { get; init; }
    public required ProcessStdio Stdio { get; init; }
    public ICgroup? Cgroup { get; init; }

    /// <summary>The container as this very process has launched it, which keeps its group's files open; null opens them.</summary>
    public LaunchedContainer? Launched { get; init; }
    public int PreserveFds { get; init; }
    public (ushort Columns, ushort Rows)? WindowSize { get; init; }

    /// <summary>How long it may take until it executes its command; those inside can stop it on its way.</summary>
    public TimeSpan Patience { get; init; } = Launcher.Patience;

    /// <summary>Called with the process's pid and the listener of a seccomp filter that notifies.</summary>
    public Action<int, FileDescriptor>? SeccompListener { get; init; }
}

public sealed unsafe partial class Launcher
{
    /// <summary>Runs a process in the container with all of its confinement; returns when execve has succeeded.</summary>
    /// <exception cref="LaunchException">With nothing left behind.</exception>
    public LaunchedProcess Exec(ExecRequest request)
    {
        ProcessEntry entry = Enter(request);
        try
        {
            return entry.Await(request.Patience) ?? throw entry.Late();
        }
        catch
        {
            while (!entry.TryEnd())
            {
                Sys.WaitReadable(entry.Awaited, Timeout.InfiniteTimeSpan);
            }

            throw;
        }
    }

    /// <summary>Sends a process on its way into the container.</summary>
    /// <exception cref="LaunchException">With nothing left behind.</exception>
    public ProcessEntry Enter(ExecRequest request)
    {
        OciLinux linux = request.Spec.Linux ?? new OciLinux();
        OciProcess process = Within(request.Spec.Process, request.Process);
        using NativeArena arena = new();
        using Rollback rollback = new();
        ChildProgram* program = ProgramBuilder.Build(arena, process, linux, request.Stdio, Filter(request.Filter, linux));
        program->FirstClosedFd = 3 + request.PreserveFds;
        ProgramBuilder.SetHome(arena, program, process);
        program->GivesStdio = 1;
        ProgramBuilder.SetKeyring(arena, program, linux);
        if (request.WindowSize is { } size)
        {
            (program->Columns, program->Rows) = size;
        }

        SetJoins(arena, program, request.Container, linux);
        (ControlChannel control, FileDescriptor theirs) = ControlChannel.Open(program);
        rollback.OnFailure(control.Dispose);
        ProcessEntry entry;
        using (theirs)
        using (CgroupEntry? own = request.Launched is null ? CgroupEntry.Existing(request.Cgroup) : null)
        {
            CgroupEntry cgroup = request.Launched?.Group ?? own!;
            cgroup.Encode(arena, program);
            cgroup.RequireRoom();
            entry = program->JoinCount > 0
                ? new ProcessEntry(request, process, control, Intermediate.Clone(arena, program, cgroup.Folder))
                : new ProcessEntry(request, process, control, CloneCall.Clone(program, 0, cgroup.Folder));
        }

        rollback.Commit();
        return entry;
    }

    /// <summary>What an exec does not say is the container's, not the launcher's own: its limits, its score, and no new privileges.</summary>
    private static OciProcess Within(OciProcess? container, OciProcess process) => container is null ? process : process with
    {
        Rlimits = [.. process.Rlimits, .. container.Rlimits.Where(own => !process.Rlimits.Any(asked => asked.Type == own.Type))],
        OomScoreAdj = process.OomScoreAdj ?? container.OomScoreAdj,
        NoNewPrivileges = process.NoNewPrivileges || container.NoNewPrivileges,
    };

    internal static FileDescriptor? AwaitExecution(ControlChannel control, Action<FileDescriptor>? listener) =>
        Await(control, null, _ => "prepare the process", null, listener, Patience);
}

/// <summary>A process that has executed its command; a child of ours.</summary>
/// <param name="StartTime">Clock ticks since boot (proc_pid_stat(5)).</param>
/// <param name="Console">The master side of its terminal, where it has one.</param>
public sealed record LaunchedProcess(int Pid, ulong StartTime, FileDescriptor PidFd, FileDescriptor? Console)
{
    /// <summary>It shall not live after all: ends and reaps it.</summary>
    public void Destroy()
    {
        Launcher.Destroy(Pid, PidFd);
        Console?.Dispose();
    }
}
