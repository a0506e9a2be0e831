using Quilt.Oci;

namespace Quilt.Seccomp;

/// <summary>
/// Quilt's own filter: what is not listed is refused. It is the well-known container profile, less what makes namespaces and
/// mounts, loads code into the kernel, reaches kernel keyrings, io_uring, BPF, perf or userfaultfd. Only the machine's own
/// architecture: 32-bit and x32 calls are refused altogether.
/// </summary>
public static class DefaultProfile
{
    private const string Allowed =
        """
        _llseek _newselect accept accept4 access adjtimex alarm arch_prctl bind brk cachestat capget capset chdir chmod chown
        chown32 chroot clock_getres clock_getres_time64 clock_gettime clock_gettime64 clock_nanosleep clock_nanosleep_time64
        close close_range connect copy_file_range creat dup dup2 dup3 epoll_create epoll_create1 epoll_ctl epoll_pwait
        epoll_pwait2 epoll_wait eventfd eventfd2 execve execveat exit exit_group faccessat faccessat2 fadvise64 fadvise64_64
        fallocate fanotify_mark fchdir fchmod fchmodat fchmodat2 fchown fchown32 fchownat fcntl fcntl64 fdatasync fgetxattr
        file_getattr file_setattr flistxattr flock fork fremovexattr fsetxattr fstat fstat64 fstatat64 fstatfs fstatfs64 fsync
        ftruncate ftruncate64 futex futex_requeue futex_time64 futex_wait futex_waitv futex_wake futimesat get_mempolicy
        get_robust_list get_thread_area getcpu getcwd getdents getdents64 getegid getegid32 geteuid geteuid32 getgid getgid32
        getgroups getgroups32 getitimer getpeername getpgid getpgrp getpid getppid getpriority getrandom getresgid getresgid32
        getresuid getresuid32 getrlimit getrusage getsid getsockname getsockopt gettid gettimeofday getuid getuid32 getxattr
        getxattrat inotify_add_watch inotify_init inotify_init1 inotify_rm_watch io_cancel io_destroy io_getevents io_pgetevents
        io_pgetevents_time64 io_setup io_submit ioprio_get ioprio_set ipc kill landlock_add_rule landlock_create_ruleset
        landlock_restrict_self lchown lchown32 lgetxattr link linkat listen listxattr listxattrat llistxattr lremovexattr lseek
        lsetxattr lsm_get_self_attr lsm_list_modules lstat lstat64 madvise map_shadow_stack mbind membarrier memfd_create
        memfd_secret mincore mkdir mkdirat mknod mknodat mlock mlock2 mlockall mmap mmap2 modify_ldt mprotect mq_getsetattr
        mq_notify mq_open mq_timedreceive mq_timedreceive_time64 mq_timedsend mq_timedsend_time64 mq_unlink mremap mseal msgctl
        msgget msgrcv msgsnd msync munlock munlockall munmap name_to_handle_at nanosleep newfstatat nice oldfstat oldlstat
        oldolduname oldstat olduname open openat openat2 pause pidfd_getfd pidfd_open pidfd_send_signal pipe pipe2 pkey_alloc
        pkey_free pkey_mprotect poll ppoll ppoll_time64 prctl pread64 preadv preadv2 prlimit64 process_madvise process_mrelease
        process_vm_readv process_vm_writev pselect6 pselect6_time64 ptrace pwrite64 pwritev pwritev2 read readahead readdir
        readlink readlinkat readv recvfrom recvmmsg recvmmsg_time64 recvmsg remap_file_pages removexattr removexattrat rename
        renameat renameat2 restart_syscall rmdir rseq rt_sigaction rt_sigpending rt_sigprocmask rt_sigqueueinfo rt_sigreturn
        rt_sigsuspend rt_sigtimedwait rt_sigtimedwait_time64 rt_tgsigqueueinfo sched_get_priority_max sched_get_priority_min
        sched_getaffinity sched_getattr sched_getparam sched_getscheduler sched_rr_get_interval sched_rr_get_interval_time64
        sched_setaffinity sched_setattr sched_setparam sched_setscheduler sched_yield seccomp select semctl semget semop
        semtimedop semtimedop_time64 sendfile sendfile64 sendmmsg sendmsg sendto set_mempolicy set_mempolicy_home_node
        set_robust_list set_thread_area set_tid_address setfsgid setfsgid32 setfsuid setfsuid32 setgid setgid32 setgroups
        setgroups32 setitimer setpgid setpriority setregid setregid32 setresgid setresgid32 setresuid setresuid32 setreuid
        setreuid32 setrlimit setsid setsockopt setuid setuid32 setxattr setxattrat sgetmask shmat shmctl shmdt shmget shutdown
        sigaction sigaltstack signal signalfd signalfd4 sigpending sigprocmask sigreturn sigsuspend splice ssetmask
        stat stat64 statfs statfs64 statx symlink symlinkat sync sync_file_range syncfs sysinfo tee tgkill time timer_create
        timer_delete timer_getoverrun timer_gettime timer_gettime64 timer_settime timer_settime64 timerfd_create timerfd_gettime
        timerfd_gettime64 timerfd_settime timerfd_settime64 times tkill truncate truncate64 ugetrlimit umask uname unlink
        unlinkat utime utimensat utimensat_time64 utimes vfork vmsplice wait4 waitid waitpid write writev
        """;

    private const uint Eperm = 1, Enosys = 38, Eafnosupport = 97;
    private const ulong NamespaceFlags = 0x7E020000; // every CLONE_NEW* that clone(2) takes
    private const ulong Tiocsti = 0x5412, Tioclinux = 0x541C;
    private const ulong LowHalf = 0xffffffff; // the kernel looks at no more of an ioctl's request

    private const ulong Unix = 1; // AF_UNIX

    /// <summary>AF_UNIX, AF_INET, AF_INET6, AF_NETLINK, and AF_PACKET, for which the kernel wants CAP_NET_RAW.</summary>
    private static readonly ulong[] SocketFamilies = [Unix, 2, 10, 16, 17];

    /// <summary>Calls that come with a capability.</summary>
    private static readonly (string Capability, string[] Names)[] ByCapability =
    [
        ("CAP_SYS_ADMIN", ["bpf", "clone", "clone3", "fanotify_init", "fsconfig", "fsmount", "fsopen", "fspick", "lookup_dcookie", "mount", "mount_setattr", "move_mount", "open_tree", "perf_event_open", "quotactl", "quotactl_fd", "setdomainname", "sethostname", "setns", "syslog", "umount", "umount2", "unshare"]),
        ("CAP_SYS_BOOT", ["reboot"]),
        ("CAP_SYS_MODULE", ["delete_module", "finit_module", "init_module"]),
        ("CAP_SYS_PACCT", ["acct"]),
        ("CAP_SYS_PTRACE", ["kcmp"]),
        ("CAP_SYS_RAWIO", ["ioperm", "iopl"]),
        ("CAP_SYS_TIME", ["clock_adjtime", "clock_adjtime64", "clock_settime", "clock_settime64", "settimeofday"]),
        ("CAP_SYS_TTY_CONFIG", ["vhangup"]),
        ("CAP_SYSLOG", ["syslog"]),
        ("CAP_DAC_READ_SEARCH", ["open_by_handle_at"]),
        ("CAP_BPF", ["bpf"]),
        ("CAP_PERFMON", ["perf_event_open"]),
    ];

    /// <param name="capabilities">The container's bounding set, <c>CAP_</c> names.</param>
    public static OciSeccomp Build(IReadOnlyCollection<string> capabilities)
    {
        List<OciSyscall> rules =
        [
            new(Allowed.Split((char[])[' ', '\n'], StringSplitOptions.RemoveEmptyEntries), "SCMP_ACT_ALLOW"),

            // Input pushed into the terminal of whoever started us (CVE-2017-5226), and the console's own paste buffer.
            Conditional("ioctl", "SCMP_ACT_ERRNO", Eperm, new OciSyscallArg(1, LowHalf, "SCMP_CMP_MASKED_EQ") { ValueTwo = Tiocsti }),
            Conditional("ioctl", "SCMP_ACT_ERRNO", Eperm, new OciSyscallArg(1, LowHalf, "SCMP_CMP_MASKED_EQ") { ValueTwo = Tioclinux }),
            new(["ioctl"], "SCMP_ACT_ALLOW"),

            // Any other is a way around the network's edges (AF_VSOCK), or a module that nobody audits loaded at a guest's word.
            .. SocketFamilies.Select(f => Conditional("socket", "SCMP_ACT_ALLOW", null, new OciSyscallArg(0, LowHalf, "SCMP_CMP_MASKED_EQ") { ValueTwo = f })),
            Conditional("socketpair", "SCMP_ACT_ALLOW", null, new OciSyscallArg(0, LowHalf, "SCMP_CMP_MASKED_EQ") { ValueTwo = Unix }),
            new(["socket", "socketpair"], "SCMP_ACT_ERRNO") { ErrnoRet = Eafnosupport },
        ];
        foreach (ulong domain in (ulong[])[0x0, 0x8, 0x20000, 0x20008, 0xffffffff])
        {
            rules.Add(Conditional("personality", "SCMP_ACT_ALLOW", null, new OciSyscallArg(0, domain, "SCMP_CMP_EQ")));
        }

        if (!capabilities.Contains("CAP_SYS_ADMIN"))
        {
            rules.Add(Conditional("clone", "SCMP_ACT_ALLOW", null, new OciSyscallArg(0, NamespaceFlags, "SCMP_CMP_MASKED_EQ")));

            // Its flags are behind a pointer, where a filter cannot look: libraries fall back to clone.
            rules.Add(new OciSyscall(["clone3"], "SCMP_ACT_ERRNO") { ErrnoRet = Enosys });
        }

        rules.AddRange(ByCapability.Where(c => capabilities.Contains(c.Capability)).Select(c => new OciSyscall(c.Names, "SCMP_ACT_ALLOW")));
        return new OciSeccomp("SCMP_ACT_ERRNO") { DefaultErrnoRet = Eperm, Syscalls = rules };
    }

    private static OciSyscall Conditional(string name, string action, uint? errno, OciSyscallArg condition) =>
        new([name], action) { ErrnoRet = errno, Args = [condition] };
}
