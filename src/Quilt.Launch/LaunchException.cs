using Quilt.Core;
using Quilt.Linux;

namespace Quilt.Launch;

/// <summary>Launching failed at a stage. Nothing of the attempt is left.</summary>
public sealed class LaunchException(LaunchStage stage, Errno errno, string detail, Exception? inner = null)
    : Exception($"{detail}: {errno} ({errno.Meaning()})", inner)
{
    public LaunchStage Stage { get; } = stage;
    public Errno Errno { get; } = errno;

    /// <summary>The command is not there (a shell's 127).</summary>
    public bool CommandNotFound => Stage == LaunchStage.Exec && Errno is Errno.ENOENT or Errno.ENOTDIR;

    /// <summary>The command is there but cannot be run (a shell's 126).</summary>
    public bool CommandNotExecutable => Stage == LaunchStage.Exec && !CommandNotFound;

    public ErrorCode Code => (Stage, Errno) switch
    {
        (LaunchStage.Exec, Errno.ENOENT or Errno.ENOTDIR) => ErrorCode.CommandNotFound,
        (LaunchStage.Exec, Errno.E2BIG) => ErrorCode.InvalidArgument,
        (LaunchStage.Exec, _) => ErrorCode.CommandNotExecutable,
        (LaunchStage.Readiness, _) => ErrorCode.DeadlineExceeded,
        (LaunchStage.WorkingDirectory or LaunchStage.SetupStep, Errno.ENOENT or Errno.ENOTDIR or Errno.EACCES or Errno.ENOEXEC or Errno.ELOOP) => ErrorCode.InvalidArgument,
        (_, Errno.ENOSPC or Errno.EAGAIN or Errno.ENOMEM or Errno.EMFILE or Errno.ENFILE or Errno.EDQUOT) => ErrorCode.ResourceExhausted,
        (_, Errno.EPERM) => ErrorCode.PermissionDenied,
        (_, Errno.ENOSYS or Errno.ENODEV or Errno.EOPNOTSUPP) => ErrorCode.FailedPrecondition,
        _ => ErrorCode.Internal,
    };

    public string Remedy => (Stage, Errno) switch
    {
        (LaunchStage.Exec, Errno.ENOENT) => "name a program that the image has, or give its full path; a script needs its interpreter too",
        (LaunchStage.Exec, Errno.E2BIG) => "give a shorter command line and environment: the kernel takes 2 MiB of both, and 128 KiB of each word (execve(2))",
        (LaunchStage.Exec, _) => "make the file executable, and check that it is for this machine's architecture",
        (LaunchStage.Readiness, _) => "processes in the container may be stopping it, or the machine is overloaded: try again, or restart the container",
        (LaunchStage.SealProgram, _) => "give the container a user namespace, or set the sysctl vm.memfd_noexec to 0 or 1",
        (LaunchStage.LsmLabel, Errno.EOPNOTSUPP) => "leave the label out, or boot the host with that security module",
        (LaunchStage.LsmLabel, _) => "load the AppArmor profile, or the SELinux policy, that has this label into the host's kernel first",
        (LaunchStage.WorkingDirectory, _) => "give a working directory that exists in the image and that the user may enter",
        (LaunchStage.Clone, Errno.ENOSPC or Errno.EUSERS) => "raise /proc/sys/user/max_user_namespaces and its siblings",
        (_, Errno.EAGAIN) => "the pids limit or the host's process limit is reached; end some processes or raise it",
        (_, Errno.EPERM) => "run as root; 'quilt doctor' names what the host lacks",
        (_, Errno.ENOSYS or Errno.EINVAL or Errno.ENODEV) => "'quilt doctor' names what this kernel lacks",
        (_, Errno.ENOSPC or Errno.EDQUOT) => "free some disk space",
        _ => "see 'quilt doctor'",
    };

    /// <summary>The stage's name for the wire, such as <c>pivot_root</c>.</summary>
    public static string StageName(LaunchStage stage) => System.Text.Json.JsonNamingPolicy.SnakeCaseLower.ConvertName(stage.ToString());
}
