using Quilt.Oci;
using Quilt.Seccomp;

namespace Quilt.Cognition.Program;

/// <summary>The system calls that the reader of a document does not get: no network, no program, no other process, no change of any file.</summary>
internal static class WorkerFilter
{
    private const uint Eperm = 1, Enosys = 38;
    private const ulong ThreadFlag = 0x10000, AccessMode = 3, WriteOnly = 1, ReadWrite = 2, Create = 0x40; // CLONE_THREAD; O_* of both architectures
    private const string Equal = "SCMP_CMP_MASKED_EQ";

    private static readonly string[] Refused =
    [
        // The network, and other ways to reach somebody.
        "socket", "socketpair", "connect", "bind", "listen", "accept", "accept4", "sendto", "sendmsg", "sendmmsg", "io_uring_setup",
        "mq_open", "msgget", "semget", "shmget", "add_key", "request_key", "keyctl",

        // Programs and processes.
        "execve", "execveat", "fork", "vfork", "kill", "tkill", "pidfd_open", "pidfd_getfd", "pidfd_send_signal", "ptrace", "process_vm_readv",
        "process_vm_writev", "kcmp", "setns", "unshare", "bpf", "perf_event_open", "userfaultfd",

        // Files.
        "openat2", "open_by_handle_at", "creat", "truncate", "mkdir", "mkdirat", "mknod", "mknodat", "link", "linkat", "symlink", "symlinkat",
        "unlink", "unlinkat", "rmdir", "rename", "renameat", "renameat2", "chmod", "fchmod", "fchmodat", "chown", "fchown", "fchownat", "lchown",
        "setxattr", "lsetxattr", "fsetxattr", "removexattr", "lremovexattr", "fremovexattr", "utimensat", "mount", "umount2", "pivot_root",
        "chroot", "open_tree", "move_mount", "fsopen", "fsmount", "mount_setattr", "inotify_init1", "fanotify_init",
    ];

    public static byte[] Compile() => SeccompCompiler.Compile(new OciSeccomp("SCMP_ACT_ALLOW")
    {
        Syscalls =
        [
            Refuse(Refused, Eperm),

            // The C library then makes threads by clone, whose flags can be seen.
            Refuse(["clone3"], Enosys),
            Refuse(["clone"], Eperm, new OciSyscallArg(0, ThreadFlag, Equal) { ValueTwo = 0 }),
            .. Opening("open", argument: 1),
            .. Opening("openat", argument: 2),
        ],
    }).Instructions;

    /// <summary>Files may be opened to be read.</summary>
    private static IEnumerable<OciSyscall> Opening(string name, uint argument) =>
    [
        Refuse([name], Eperm, new OciSyscallArg(argument, AccessMode, Equal) { ValueTwo = WriteOnly }),
        Refuse([name], Eperm, new OciSyscallArg(argument, AccessMode, Equal) { ValueTwo = ReadWrite }),
        Refuse([name], Eperm, new OciSyscallArg(argument, Create, Equal) { ValueTwo = Create }),
    ];

    private static OciSyscall Refuse(string[] names, uint error, params OciSyscallArg[] arguments) =>
        new(names, "SCMP_ACT_ERRNO") { ErrnoRet = error, Args = arguments };
}
