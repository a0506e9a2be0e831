namespace Quilt.Launch.Child;

/// <summary>
/// What a cloned child does until it has become the container's command. Straight-line code: it allocates nothing, takes no
/// lock, logs nothing, makes only raw system calls and reads only native memory written before the clone. A failure leaves
/// as (stage, errno) through the control socket, which execve closes on success.
/// </summary>
internal static unsafe partial class ContainerProcess
{
    private const int PrSetPdeathsig = 1, PrSetDumpable = 4;
    private const int SigKill = 9, SigChild = 17;
    private const int CloneSharedMemory = 0x100, CloneWait = 0x4000, CloneParent = 0x8000, CloneTellPid = 0x100000;

    /// <summary>The first thing after the clone. Never returns.</summary>
    internal static void Run(ChildProgram* program)
    {
        KeepToOurselves(program);
        Raw.Close(program->ParentControl);
        if (program->WaitOnly != 0)
        {
            Receive(program, LaunchStage.ReceivePlan, ControlKind.Start);
            Exit(0);
        }

        if (program->RootPath == null)
        {
            JoinCgroups(program);
        }

        if (program->JoinedStack != null)
        {
            JoinThenClone(program);
        }

        Prepare(program);
    }

    /// <summary>Nothing inside may trace us or open our /proc entries while we still hold host descriptors (CVE-2016-9962).</summary>
    private static void KeepToOurselves(ChildProgram* program)
    {
        Raw.Call(SyscallNumbers.Prctl, PrSetDumpable, 0);
        if (program->DieWithParent != 0)
        {
            Raw.Call(SyscallNumbers.Prctl, PrSetPdeathsig, SigKill);
        }
    }

    private static void Prepare(ChildProgram* program)
    {
        if (program->RootPath != null)
        {
            SetUp(program);
        }
        else
        {
            // The parent has set our limits by the time it says so.
            Receive(program, LaunchStage.ReceivePlan, ControlKind.Start);
            BecomeRoot(program);
        }

        Become(program);
    }

    /// <summary>The kernel judges by who opened the files, our parent; and '0', oneself, needs no lock on everybody's forks.</summary>
    private static void JoinCgroups(ChildProgram* program)
    {
        byte self = (byte)'0';
        for (int i = 0; i < program->CgroupCount; i++)
        {
            Check(program, Raw.Call(SyscallNumbers.Write, program->Cgroups[i], (nint)(&self), 1), LaunchStage.Cgroup, i);
            Raw.Close(program->Cgroups[i]);
        }
    }

    /// <summary>
    /// A namespace owned by a joined user namespace, and a place in a joined pid namespace, come only with a further clone.
    /// CLONE_PARENT makes that one a child of the launcher; this one ends.
    /// </summary>
    private static void JoinThenClone(ChildProgram* program)
    {
        Join(program);
        if (program->NewTimeNamespace != 0)
        {
            MakeTimeNamespace(program);
        }

        // Before there is anyone to look: a change of credentials has reset the one.
        KeepToOurselves(program);
        TakeName(program);

        // We may be killed before we can say whom we have cloned; the kernel writes it down, in a page that is certainly there now.
        *program->Joined = 0;
        int pid = Raw.CloneSharing(&RunJoined, program->JoinedStack, (int)program->CloneFlags | CloneSharedMemory | CloneParent | CloneTellPid, program, program->Joined);
        Check(program, pid, LaunchStage.Clone);
        Tell(program, ControlKind.Cloned);
        Exit(0);
    }

    private static void Join(ChildProgram* program)
    {
        // The caller's groups go while that is surely permitted: a namespace to join may forbid setgroups (user_namespaces(7)).
        Raw.Call(SyscallNumbers.Setgroups, 0, 0);
        for (int i = 0; i < program->JoinCount; i++)
        {
            JoinNamespace* join = &program->Joins[i];
            Check(program, Raw.Call(SyscallNumbers.Setns, join->Fd, join->Type), LaunchStage.JoinNamespace, i);
        }
    }

    private static int RunJoined(void* argument)
    {
        ChildProgram* program = (ChildProgram*)argument;
        KeepToOurselves(program);
        Prepare(program);
        return 0;
    }

    private static void MakeTimeNamespace(ChildProgram* program)
    {
        const int cloneNewTime = 0x80;
        Check(program, Raw.Call(SyscallNumbers.Unshare, cloneNewTime), LaunchStage.TimeNamespace);
        if (program->TimeOffsets == null)
        {
            return;
        }

        fixed (byte* path = "/proc/self/timens_offsets\0"u8)
        {
            int fd = (int)Raw.Call(SyscallNumbers.OpenAt, -100, (nint)path, OpenFlags.WriteOnly | OpenFlags.CloseOnExec);
            Check(program, fd, LaunchStage.TimeNamespace);
            Check(program, Raw.Call(SyscallNumbers.Write, fd, (nint)program->TimeOffsets, Length(program->TimeOffsets)), LaunchStage.TimeNamespace);
            Raw.Close(fd);
        }
    }

    /// <summary>From the ids of the host to root of our user namespace, so that what we make belongs to it.</summary>
    private static void BecomeRoot(ChildProgram* program)
    {
        if (program->HasUserNamespace == 0)
        {
            return;
        }

        Check(program, Raw.Call(SyscallNumbers.Setresgid, 0, 0, 0), LaunchStage.BecomeRoot);
        Raw.Call(SyscallNumbers.Setgroups, 0, 0); // EPERM where setgroups is denied for the namespace: then there is nothing to drop
        Check(program, Raw.Call(SyscallNumbers.Setresuid, 0, 0, 0), LaunchStage.BecomeRoot);

        // A change of ids resets both.
        KeepToOurselves(program);
    }

    private static void Become(ChildProgram* program)
    {
        Check(program, Raw.Call(SyscallNumbers.Setsid), LaunchStage.NewSession);
        int slave = -1;
        if (program->RootPath != null)
        {
            EnterRoot(program);
        }

        if (program->Terminal != 0)
        {
            slave = OpenTerminal(program);
        }

        if (program->RootPath != null)
        {
            CheckCommand(program);

            // Who created us waits for the end of what it gave us to write to, which may be long before the start.
            SetStdio(program, slave);
            CloseDescriptors(program);
            AwaitStart(program);
        }
        else
        {
            SetStdio(program, slave);
        }

        if (program->Init != 0)
        {
            BecomeInit(program);
        }

        if (slave >= 0)
        {
            TakeTerminal(program);
        }

        Confine(program);
        Execute(program);
    }

    /// <summary>A command that is nowhere is told at once, not only at the start.</summary>
    private static void CheckCommand(ChildProgram* program)
    {
        for (int i = 0; i < program->CandidateCount; i++)
        {
            byte* candidate = program->Candidates[i];
            if (*candidate != '/')
            {
                return; // relative to a working directory that we are not in yet
            }

            int fd = (int)Raw.Call(SyscallNumbers.OpenAt, AtFdCwd, (nint)candidate, OpenFlags.Path | OpenFlags.CloseOnExec);
            if (fd >= 0)
            {
                Raw.Close(fd);
                return;
            }

            if (Raw.Errno is not (2 or 20))
            {
                return;
            }
        }

        // No candidate at all: the configuration has no process, which is an error only when it is started.
        if (program->KeepAlive == 0 && program->CandidateCount > 0)
        {
            FailWith(program, LaunchStage.Exec, 0, 2);
        }
    }

    private static void Execute(ChildProgram* program)
    {
        RestoreSignals();
        int errno = 2;
        for (int i = 0; i < program->CandidateCount; i++)
        {
            Raw.Call(SyscallNumbers.Execve, (nint)program->Candidates[i], (nint)program->Argv, (nint)program->Envp);
            // The search goes on past folders without it; a file that may not be run is remembered (execvp(3)).
            int error = Raw.Errno;
            if (error is not (2 or 20))
            {
                errno = error;
                if (error != 13)
                {
                    break;
                }
            }
        }

        FailWith(program, LaunchStage.Exec, 0, errno);
    }

    /// <summary>Default dispositions and an empty mask: the .NET runtime ignores SIGPIPE, and the clone began with all blocked.</summary>
    private static void RestoreSignals()
    {
        KernelSigaction action = default;
        for (int signal = 1; signal <= 64; signal++)
        {
            if (signal is not (9 or 19))
            {
                Raw.Call(SyscallNumbers.RtSigaction, signal, (nint)(&action), 0, 8);
            }
        }

        ulong none = 0;
        const int setMask = 2;
        Raw.Call(SyscallNumbers.RtSigprocmask, setMask, (nint)(&none), 0, 8);
    }
}
