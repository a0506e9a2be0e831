using Quilt.Core;
using Quilt.Launch.Child;
using Quilt.Launch.Native;
using Quilt.Launch.Parent;
using Quilt.Launch.Plans;
using Quilt.Linux;
using Quilt.Oci;

namespace Quilt.Launch;

public sealed unsafe partial class Launcher
{
    private const ulong RecursiveMount = 0x4000; // MS_REC

    /// <summary>Prepares a container up to just before execve, and executes its command where the request says so.</summary>
    /// <exception cref="LaunchException">With nothing left behind.</exception>
    public LaunchedContainer Create(LaunchRequest request)
    {
        OciSpec spec = request.Spec;
        OciLinux linux = spec.Linux ?? new OciLinux();
        OciProcess process = spec.Process ?? throw QuiltException.Invalid("process", "the configuration has no process", "give process.args");
        IReadOnlyList<SetupStep> steps = SetupPlan.Compile(Labelled(spec), request.Bundle, CgroupMounts.For(linux, request.Cgroup));
        NativeArena arena = new();
        using Rollback rollback = new();
        rollback.OnFailure(arena.Dispose);

        List<SetupStep.BindMount> binds = [];
        ChildProgram* program = ProgramBuilder.Build(arena, process, linux, request.Stdio, Filter(request.Filter, linux));
        ProgramBuilder.SetHome(arena, program, process);
        program->GivesStdio = 1;
        SetRequest(arena, program, request);
        program->RootPath = arena.Text(Path.Combine(request.Bundle, spec.Root?.Path ?? "rootfs"));
        program->Steps = StepEncoder.Encode(arena, steps, [.. steps.Select(IsFile)], binds);
        program->StepCount = steps.Count;
        program->CgroupCount = request.Cgroup?.JoinCount ?? 0;
        program->GroupComes = request.Cgroup is null ? 0 : 1;
        program->MountCount = binds.Count + 1;
        program->Cgroups = arena.Allocate<int>(Math.Max(1, program->CgroupCount));
        program->Mounts = arena.Allocate<int>(program->MountCount);
        SetPropagation(program, linux);
        ulong namespaces = SetNamespaces(arena, program, linux, rollback);
        program->RootEntry = EntryOf(program, request);
        bool atOnce = request.Start && request.Cgroup is not null && program->JoinCount == 0 && ProcessAttributes.LeaveRoomForSetUp(process, program->MountCount + program->CgroupCount);
        program->StartAtOnce = atOnce ? 1 : 0;

        (ControlChannel control, FileDescriptor theirs) = ControlChannel.Open(program);
        rollback.OnFailure(control.Dispose);
        rollback.OnFailure(theirs.Dispose);
        CgroupEntry cgroup = request.Adopt is null ? CgroupEntry.New(request.Cgroup) : CgroupEntry.Later(request.Cgroup);
        rollback.OnFailure(cgroup.Dispose);
        int pid;
        FileDescriptor pidFd;
        using (theirs)
        {
            (pid, pidFd) = program->RootEntry == RootEntry.OverEmpty
                ? _clearGround!.Clone(program, namespaces, cgroup.Folder)
                : Clone(arena, program, namespaces, cgroup, control, Patience);
        }

        rollback.OnFailure(() => Destroy(pid, pidFd));
        request.Adopt?.Invoke(pid);
        using FileDescriptor? userNamespace = OpenUserNamespace(pid, linux);
        ulong startTime;
        List<FileDescriptor> mounts = [], spent = [];
        rollback.OnFailure(() => spent.ForEach(s => s.Dispose()));
        try
        {
            if (binds.Any(b => CgroupMounts.IsHosts(b.Source)))
            {
                cgroup.Complete(linux);
            }

            mounts.Add(RootFilesystem.Open(request, userNamespace, spent, rollback));
            mounts.AddRange(binds.Select(b => BindMounts.Open(b, userNamespace)));
            control.Proceed(mounts);

            // While it builds its root; it goes on to execve only when the group's files have come.
            startTime = ProcessStat.TryRead(pid)?.StartTime ?? 0;
            if (atOnce)
            {
                ProcessAttributes.Set(pid, process);
            }

            cgroup.Complete(linux);
            request.Cloned?.Invoke(pid, startTime);
            if (request.Cgroup is not null)
            {
                control.Proceed(cgroup.Joins);
            }
        }
        finally
        {
            mounts.ForEach(m => m.Dispose());
        }

        FileDescriptor? console = Await(control, ControlKind.Ready, i => steps[i].Describe(), () => request.RootAssembled?.Invoke(pid), null, Timeout.InfiniteTimeSpan);
        rollback.OnFailure(() => console?.Dispose());
        LaunchedContainer launched = new(pid, startTime, pidFd, console, cgroup, control, fd => request.SeccompListener?.Invoke(pid, fd), spent);
        if (!atOnce)
        {
            ProcessAttributes.Set(pid, process);
        }

        if (request.Start)
        {
            launched.Start(ordered: atOnce);
        }

        arena.Dispose();
        rollback.Commit();
        return launched;
    }

    private RootEntry EntryOf(ChildProgram* program, LaunchRequest request)
    {
        if (((program->CloneFlags | program->UnshareFlags) & (ulong)NamespaceKind.Mount) == 0)
        {
            return RootEntry.OthersMounts;
        }

        return request.NoPivot ? RootEntry.Move : _clearGround is not null && BeginsAnywhere(program, request) ? RootEntry.OverEmpty : RootEntry.Pivot;
    }

    /// <summary>Whether nothing of the mounts that we have is to be seen in the container, or by what is run while it is made.</summary>
    private static bool BeginsAnywhere(ChildProgram* program, LaunchRequest request) =>
        program->HasUserNamespace != 0 && program->JoinCount == 0 && program->NewTimeNamespace == 0 && program->FinalRootPropagation == 0
        && program->RootPropagation == (RecursiveMount | (ulong)Propagation.Private) && request.RootAssembled is null;

    /// <summary>Where SELinux is not active, files have no context that a mount could set.</summary>
    private static OciSpec Labelled(OciSpec spec) =>
        string.IsNullOrEmpty(spec.Linux?.MountLabel) || SecurityModules.HasSelinux ? spec : spec with { Linux = spec.Linux with { MountLabel = null } };

    private static void SetRequest(NativeArena arena, ChildProgram* program, LaunchRequest request)
    {
        if (request.Init != InitKind.None)
        {
            program->Init = 1;
            program->CommandStack = arena.Stack();
            program->KeepAlive = request.Init == InitKind.Alone ? 1 : 0;
            ProgramBuilder.SetOwnArguments(program);
        }

        program->StartListener = request.StartListener?.Number ?? -1;
        program->DieWithParent = request.DieWithParent ? 1 : 0;
        program->FirstClosedFd = 3 + request.PreserveFds;
        program->AskForHooks = request.RootAssembled is null ? 0 : 1;
        if (request.NewKeyring)
        {
            ProgramBuilder.SetKeyring(arena, program, request.Spec.Linux ?? new OciLinux());
        }

        if (request.WindowSize is { } size)
        {
            (program->Columns, program->Rows) = size;
        }
    }

    private static void SetPropagation(ChildProgram* program, OciLinux linux)
    {
        program->RootPropagation = RecursiveMount | (ulong)(linux.RootfsPropagation switch
        {
            "shared" or "rshared" or "slave" or "rslave" => Propagation.Slave,
            _ => Propagation.Private,
        });
        program->FinalRootPropagation = linux.RootfsPropagation switch
        {
            "shared" or "rshared" => (int)Propagation.Shared,
            "unbindable" or "runbindable" => (int)Propagation.Unbindable,
            _ => 0,
        };
    }

    /// <summary>Sorts the namespaces into those to make (the result) and those to join.</summary>
    private static ulong SetNamespaces(NativeArena arena, ChildProgram* program, OciLinux linux, Rollback rollback)
    {
        NamespaceKind created = NamespaceKind.None;
        List<(NamespaceKind Kind, FileDescriptor Fd)> joined = [];
        foreach (OciNamespace ns in linux.Namespaces)
        {
            NamespaceKind kind = NamespaceKinds.Parse(ns.Type);
            if (string.IsNullOrEmpty(ns.Path))
            {
                created |= kind;
                continue;
            }

            try
            {
                FileDescriptor fd = Sys.Open(ns.Path, OpenMode.ReadOnly);
                rollback.OnFailure(fd.Dispose);
                joined.Add((kind, fd));
            }
            catch (SyscallException e)
            {
                throw new LaunchException(LaunchStage.JoinNamespace, e.Errno, $"open the {ns.Type} namespace to join", e);
            }
        }

        // The user namespace first: it owns the others' privileges.
        joined.Sort((a, b) => (b.Kind == NamespaceKind.User).CompareTo(a.Kind == NamespaceKind.User));
        program->Joins = arena.Allocate<JoinNamespace>(Math.Max(1, joined.Count));
        program->JoinCount = joined.Count;
        for (int i = 0; i < joined.Count; i++)
        {
            program->Joins[i] = new JoinNamespace { Fd = joined[i].Fd.Number, Type = (int)joined[i].Kind };
        }

        program->NewCgroupNamespace = created.HasFlag(NamespaceKind.Cgroup) ? 1 : 0;
        if (created.HasFlag(NamespaceKind.Time))
        {
            program->NewTimeNamespace = 1;
            program->TimeOffsets = linux.TimeOffsets.Count == 0
                ? null
                : arena.Text(string.Concat(linux.TimeOffsets.Select(o => $"{o.Key} {o.Value.Secs} {o.Value.Nanosecs}\n")));
        }

        // One that is cloned by an intermediate child shares its memory, and must wait for our word before it can fail.
        NamespaceKind atClone = created & ~(NamespaceKind.Cgroup | NamespaceKind.Time);
        NamespaceKind atBirth = joined.Count > 0 || program->NewTimeNamespace != 0 ? atClone : atClone & (NamespaceKind.User | NamespaceKind.Pid);
        program->CloneFlags = (ulong)atBirth;
        program->UnshareFlags = (ulong)(atClone & ~atBirth);
        program->NewNetworkNamespace = created.HasFlag(NamespaceKind.Network) ? 1 : 0;
        return program->CloneFlags;
    }

    /// <summary>
    /// Clones, through an intermediate child where namespaces are joined. Who is born among those inside is in all of them already:
    /// whoever sees a process may read its command line, its mounts, its groups and its network's sockets (proc(5)).
    /// </summary>
    private static (int Pid, FileDescriptor PidFd) Clone(NativeArena arena, ChildProgram* program, ulong namespaces, CgroupEntry? cgroup, ControlChannel control, TimeSpan patience)
    {
        if (program->JoinCount == 0 && program->NewTimeNamespace == 0)
        {
            return CloneCall.Clone(program, namespaces, cgroup?.Folder);
        }

        using Intermediate intermediate = Intermediate.Clone(arena, program, cgroup?.Folder);
        try
        {
            ControlMessage? message = control.Receive(patience, out _);
            if (message is not { Kind: ControlKind.Cloned })
            {
                throw message is { Kind: ControlKind.Failed } failed ? Failure(failed, _ => "join a namespace") : EndedEarly();
            }

            intermediate.TryReap(wait: true);
            return (intermediate.Joined, Sys.PidFdOpen(intermediate.Joined));
        }
        catch
        {
            intermediate.Kill();
            intermediate.TryReap(wait: true);
            if (intermediate.Joined is not 0 and int pid)
            {
                Sys.Kill(pid, Signals.Kill);
                Sys.WaitId(pid, wait: true);
            }

            throw;
        }
    }

    internal static LaunchException EndedEarly() => new(LaunchStage.Clone, Errno.EPIPE, "the intermediate process ended early");

    private static FileDescriptor? OpenUserNamespace(int pid, OciLinux linux)
    {
        OciNamespace? user = linux.Namespaces.FirstOrDefault(n => n.Type == "user");
        if (user is null)
        {
            return null;
        }

        if (string.IsNullOrEmpty(user.Path))
        {
            IdMappings.Write(pid, linux.UidMappings, linux.GidMappings);
        }

        return Sys.Open($"/proc/{pid}/ns/user", OpenMode.ReadOnly);
    }

    /// <summary>Whether a mount point that has to be made is a file: so is the source of its bind mount.</summary>
    private static bool IsFile(SetupStep step) => step is SetupStep.BindMount bind && Sys.TryStatus(bind.Source) is { Kind: not FileKind.Folder };
}
