using Quilt.Core;
using Quilt.Launch.Child;
using Quilt.Launch.Native;
using Quilt.Launch.Parent;
using Quilt.Linux;
using Quilt.Oci;

namespace Quilt.Launch;

public sealed unsafe partial class Launcher
{
    /// <summary>Runs a hook to its end, with the container's state on its stdin.</summary>
    /// <param name="container">The container whose namespaces the hook runs in; null is the runtime's own.</param>
    /// <exception cref="LaunchException">It could not be run, ended with a failure or took longer than its timeout.</exception>
    /// <seealso href="https://github.com/opencontainers/runtime-spec/blob/v1.2.0/config.md#posix-platform-hooks"/>
    public static void RunHook(OciHook hook, ReadOnlySpan<byte> stateJson, FileDescriptor? container, OciLinux linux)
    {
        IReadOnlyList<string> everything = Capabilities.Own();
        OciProcess process = new()
        {
            Args = hook.Args.Count > 0 ? hook.Args : [hook.Path],
            Env = hook.Env,
            Cwd = "/",
            Capabilities = new OciCapabilities { Bounding = everything, Permitted = everything, Effective = everything },
        };
        using NativeArena arena = new();

        // Of any length, also where the hook reads nothing of it.
        using FileDescriptor stdin = Sys.SealedMemory("state", stateJson), output = new(2, ownsHandle: false);
        Sys.Rewind(stdin);
        OciLinux namespaces = container is null ? new OciLinux() : linux;
        ChildProgram* program = ProgramBuilder.Build(arena, process, namespaces, new ProcessStdio(stdin, output, output), null);
        program->CandidateCount = 1;
        program->Candidates = arena.Texts([hook.Path]);
        Run(arena, program, hook, container, namespaces);
    }

    private static void Run(NativeArena arena, ChildProgram* program, OciHook hook, FileDescriptor? container, OciLinux namespaces)
    {
        if (container is not null)
        {
            SetJoins(arena, program, container, namespaces);
        }

        (ControlChannel channel, FileDescriptor theirs) = ControlChannel.Open(program);
        using ControlChannel control = channel;
        int pid;
        FileDescriptor pidFd;
        using (theirs)
        {
            (pid, pidFd) = Clone(arena, program, 0, null, control, Patience);
        }

        using Rollback rollback = new();
        rollback.OnFailure(() => Destroy(pid, pidFd));
        control.Start();
        AwaitExecution(control, null)?.Dispose();
        TimeSpan timeout = hook.Timeout is > 0 ? TimeSpan.FromSeconds(hook.Timeout.Value) : System.Threading.Timeout.InfiniteTimeSpan;
        if (!Sys.WaitReadable(pidFd, timeout))
        {
            throw new LaunchException(LaunchStage.Hook, Errno.EAGAIN, $"a hook ran longer than its timeout of {hook.Timeout} s");
        }

        ProcessEnd end = Sys.WaitId(pid, wait: true)!.Value;
        pidFd.Dispose();
        rollback.Commit();
        if (end.ExitCode != 0)
        {
            throw new LaunchException(LaunchStage.Hook, Errno.None, $"a hook ended with exit code {end.ExitCode}");
        }
    }

    /// <summary>All at once through the pidfd: no window in which the process could be another one (setns(2)).</summary>
    private static void SetJoins(NativeArena arena, ChildProgram* program, FileDescriptor container, OciLinux linux)
    {
        NamespaceKind kinds = NamespaceKind.None;
        foreach (OciNamespace ns in linux.Namespaces)
        {
            kinds |= NamespaceKinds.Parse(ns.Type);
        }

        program->Joins = arena.Allocate<JoinNamespace>();
        program->Joins[0] = new JoinNamespace { Fd = container.Number, Type = (int)kinds };
        program->JoinCount = kinds == NamespaceKind.None ? 0 : 1;
    }
}
