using System.Runtime.InteropServices;

namespace Quilt.Linux.Tests.Abi;

public class KernelNumbersTests
{
    [Fact]
    public void Every_error_number_is_the_headers()
    {
        Errno[] all = [.. Enum.GetValues<Errno>().Where(e => e != Errno.None)];
        Assert.Equal(all.Select(e => (long)e), CProgram.Evaluate("errno.h", [.. all.Select(e => e.ToString())]));
    }

    [Fact]
    public void Every_capability_is_the_headers()
    {
        long[] real = CProgram.Evaluate("linux/capability.h", [.. Capabilities.All]);
        Assert.Equal(Enumerable.Range(0, 41).Select(n => (long)n), real);
        Assert.Equal(real, Capabilities.All.Select(c => (long)Capabilities.NumberOf(c)));
    }

    [Fact]
    public void Open_flags_are_the_headers()
    {
        (OpenMode Ours, string Theirs)[] flags =
        [
            (OpenMode.WriteOnly, "O_WRONLY"), (OpenMode.ReadWrite, "O_RDWR"), (OpenMode.Create, "O_CREAT"), (OpenMode.Exclusive, "O_EXCL"),
            (OpenMode.NoControllingTerminal, "O_NOCTTY"), (OpenMode.Truncate, "O_TRUNC"), (OpenMode.Append, "O_APPEND"),
            (OpenMode.NonBlocking, "O_NONBLOCK"), (OpenMode.Directory, "O_DIRECTORY"), (OpenMode.NoFollow, "O_NOFOLLOW"),
            (OpenMode.CloseOnExec, "O_CLOEXEC"), (OpenMode.Path, "O_PATH"),
        ];
        Assert.Equal(flags.Select(f => (long)f.Ours.ToKernel()), CProgram.Evaluate("fcntl.h", [.. flags.Select(f => f.Theirs)]));
    }

    [Fact]
    public void On_arm64_two_open_flags_lie_elsewhere()
    {
        // asm-generic/fcntl.h has x86-64's; arch/arm64's uapi/asm/fcntl.h sets these two octal numbers
        Assert.Equal(Convert.ToInt32("040000", 8), OpenModes.ToArm(OpenMode.Directory));
        Assert.Equal(Convert.ToInt32("0100000", 8) | 1, OpenModes.ToArm(OpenMode.NoFollow | OpenMode.WriteOnly));
    }

    [Fact]
    public void Resolve_flags_are_the_headers() => Assert.Equal(
        [.. Enum.GetValues<ResolveFlags>().Where(f => f != ResolveFlags.None).Select(f => (long)f), 24],
        CProgram.Evaluate(
            "linux/openat2.h", "RESOLVE_NO_XDEV", "RESOLVE_NO_MAGICLINKS", "RESOLVE_NO_SYMLINKS", "RESOLVE_BENEATH", "RESOLVE_IN_ROOT",
            "RESOLVE_CACHED", "sizeof(struct open_how)"));

    [Fact]
    public void Event_kinds_are_the_headers() => Assert.Equal(
        [(long)EventKind.Readable, (long)EventKind.Urgent, (long)EventKind.Writable, (long)EventKind.Error, (long)EventKind.HangUp, (long)EventKind.PeerClosed, (long)EventKind.OneShot, (long)EventKind.EdgeTriggered],
        CProgram.Evaluate("sys/epoll.h", "EPOLLIN", "EPOLLPRI", "EPOLLOUT", "EPOLLERR", "EPOLLHUP", "EPOLLRDHUP", "(unsigned)EPOLLONESHOT", "(unsigned)EPOLLET"));

    [Fact]
    public void The_mode_of_a_terminal_has_the_headers_layout() => Assert.Equal(
        [TerminalMode.Size, 17 + 6, 17 + 5],
        CProgram.Evaluate("asm/termbits.h", "sizeof(struct termios)", "offsetof(struct termios, c_cc) + VMIN", "offsetof(struct termios, c_cc) + VTIME"));

    [Fact]
    public void Terminal_requests_are_the_headers() => Assert.Equal(
        [TerminalRequests.GetMode, TerminalRequests.SetModeWhenDrained, TerminalRequests.SetControlling, TerminalRequests.GetSize, TerminalRequests.SetSize, TerminalRequests.SetLock, TerminalRequests.OpenPeer],
        CProgram.Evaluate("sys/ioctl.h asm/termbits.h", "TCGETS", "TCSETSW", "TIOCSCTTY", "TIOCGWINSZ", "TIOCSWINSZ", "TIOCSPTLCK", "TIOCGPTPEER"));

    [Fact]
    public void Process_controls_are_the_headers() => Assert.Equal(
        [
            ProcessControlOption.SetParentDeathSignal, ProcessControlOption.SetDumpable, ProcessControlOption.SetKeepCapabilities, ProcessControlOption.SetName,
            ProcessControlOption.DropFromBoundingSet, ProcessControlOption.SetSecureBits, ProcessControlOption.SetChildSubreaper,
            ProcessControlOption.SetNoNewPrivileges, ProcessControlOption.AmbientCapabilities,
        ],
        CProgram.Evaluate(
            "sys/prctl.h", "PR_SET_PDEATHSIG", "PR_SET_DUMPABLE", "PR_SET_KEEPCAPS", "PR_SET_NAME", "PR_CAPBSET_DROP", "PR_SET_SECUREBITS",
            "PR_SET_CHILD_SUBREAPER", "PR_SET_NO_NEW_PRIVS", "PR_CAP_AMBIENT"));

    [Fact]
    public void Namespace_kinds_are_the_headers() => Assert.Equal(
        [(long)NamespaceKind.Time, (long)NamespaceKind.Mount, (long)NamespaceKind.Cgroup, (long)NamespaceKind.Uts, (long)NamespaceKind.Ipc, (long)NamespaceKind.User, (long)NamespaceKind.Pid, (long)NamespaceKind.Network],
        CProgram.Evaluate("linux/sched.h", "CLONE_NEWTIME", "CLONE_NEWNS", "CLONE_NEWCGROUP", "CLONE_NEWUTS", "CLONE_NEWIPC", "CLONE_NEWUSER", "CLONE_NEWPID", "CLONE_NEWNET"));

    [Fact]
    public void Resource_limits_are_the_headers()
    {
        string[] names = ["RLIMIT_CPU", "RLIMIT_FSIZE", "RLIMIT_CORE", "RLIMIT_NPROC", "RLIMIT_NOFILE", "RLIMIT_MEMLOCK", "RLIMIT_AS", "RLIMIT_RTTIME"];
        Assert.Equal(names.Select(n => (long)ResourceLimits.NumberOf(n)), CProgram.Evaluate("sys/resource.h", names));
    }

    [Fact]
    public void Scheduler_numbers_are_the_headers()
    {
        string[] policies = ["SCHED_OTHER", "SCHED_FIFO", "SCHED_RR", "SCHED_BATCH", "SCHED_IDLE", "SCHED_DEADLINE"];
        string[] flags =
        [
            "SCHED_FLAG_RESET_ON_FORK", "SCHED_FLAG_RECLAIM", "SCHED_FLAG_DL_OVERRUN", "SCHED_FLAG_KEEP_POLICY", "SCHED_FLAG_KEEP_PARAMS",
            "SCHED_FLAG_UTIL_CLAMP_MIN", "SCHED_FLAG_UTIL_CLAMP_MAX",
        ];
        Assert.Equal(policies.Select(p => (long)SchedulerPolicy.NumberOf(p)), CProgram.Evaluate("sched.h linux/sched.h", policies));
        Assert.Equal(flags.Select(f => (long)SchedulerPolicy.FlagOf(f)), CProgram.Evaluate("linux/sched.h", flags));
    }

    [Fact]
    public void Io_priorities_are_the_headers()
    {
        Assert.True(IoPriority.TryEncode("IOPRIO_CLASS_BE", 4, out int encoded));
        Assert.Equal(encoded, CProgram.Evaluate("linux/ioprio.h", "IOPRIO_PRIO_VALUE(IOPRIO_CLASS_BE, 4)").Single());
        Assert.False(IoPriority.TryEncode("IOPRIO_CLASS_BE", 8, out _));
        Assert.False(IoPriority.TryEncode("IOPRIO_CLASS_NONE", 0, out _));
    }

    [Fact]
    public void File_system_numbers_are_the_headers() => Assert.Equal(
        [(long)Sys.ProcfsMagic, (long)Sys.Cgroup2Magic], CProgram.Evaluate("linux/magic.h", "PROC_SUPER_MAGIC", "CGROUP2_SUPER_MAGIC"));

    [Fact]
    public unsafe void The_message_header_has_the_headers_layout()
    {
        string[] fields = ["msg_name", "msg_namelen", "msg_iov", "msg_iovlen", "msg_control", "msg_controllen", "msg_flags"];
        string[] ours = ["Name", "NameLength", "Vectors", "VectorCount", "Control", "ControlLength", "Flags"];
        Assert.Equal(
            [.. ours.Select(f => (long)Marshal.OffsetOf<MessageHeader>(f)), sizeof(MessageHeader), sizeof(IoVector), sizeof(PollFd)],
            CProgram.Evaluate("sys/socket.h poll.h sys/uio.h", [.. fields.Select(f => $"offsetof(struct msghdr, {f})"), "sizeof(struct msghdr)", "sizeof(struct iovec)", "sizeof(struct pollfd)"]));
    }

    [Fact]
    public void The_offsets_that_statx_signalfd_siginfo_and_rusage_are_read_at_are_the_headers()
    {
        Assert.Equal(
            [256L, 28, 20, 24, 16, 32, 40, 128, 136],
            CProgram.Evaluate(
                "sys/stat.h", "sizeof(struct statx)", "offsetof(struct statx, stx_mode)", "offsetof(struct statx, stx_uid)", "offsetof(struct statx, stx_gid)",
                "offsetof(struct statx, stx_nlink)", "offsetof(struct statx, stx_ino)", "offsetof(struct statx, stx_size)",
                "offsetof(struct statx, stx_rdev_major)", "offsetof(struct statx, stx_dev_major)"));
        Assert.Equal(
            [128L, 0, 12],
            CProgram.Evaluate("sys/signalfd.h", "sizeof(struct signalfd_siginfo)", "offsetof(struct signalfd_siginfo, ssi_signo)", "offsetof(struct signalfd_siginfo, ssi_pid)"));
        Assert.Equal(
            [18L * 8, 4 * 8, 128, 24],
            CProgram.Evaluate("sys/resource.h sys/wait.h signal.h", "sizeof(struct rusage)", "offsetof(struct rusage, ru_maxrss)", "sizeof(siginfo_t)", "offsetof(siginfo_t, si_status)"));
        Assert.Equal(
            RuntimeInformation.ProcessArchitecture == Architecture.X64 ? [12L, 4] : [16L, 8],
            CProgram.Evaluate("sys/epoll.h", "sizeof(struct epoll_event)", "offsetof(struct epoll_event, data)"));
    }

    [Fact]
    public void The_numbers_of_the_calls_made_directly_are_the_headers() => Assert.Equal(
        RuntimeInformation.ProcessArchitecture == Architecture.X64
            ? [437L, 428, 429, 430, 431, 432, 442, 434, 424, 436, 247, 155]
            : [437L, 428, 429, 430, 431, 432, 442, 434, 424, 436, 95, 41],
        CProgram.Evaluate(
            "sys/syscall.h", "SYS_openat2", "SYS_open_tree", "SYS_move_mount", "SYS_fsopen", "SYS_fsconfig", "SYS_fsmount", "SYS_mount_setattr",
            "SYS_pidfd_open", "SYS_pidfd_send_signal", "SYS_close_range", "SYS_waitid", "SYS_pivot_root"));
}
