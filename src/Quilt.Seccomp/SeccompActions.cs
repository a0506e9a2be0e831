using Quilt.Core;

namespace Quilt.Seccomp;

/// <summary>The runtime spec's actions as the kernel's return values (seccomp(2)).</summary>
internal static class SeccompActions
{
    internal const uint KillProcess = 0x80000000, KillThread = 0, Trap = 0x00030000, Errno = 0x00050000, Notify = 0x7fc00000,
        Trace = 0x7ff00000, Log = 0x7ffc0000, Allow = 0x7fff0000;

    private const uint Eperm = 1;

    internal static uint Parse(string action, uint? errno) => action switch
    {
        "SCMP_ACT_ALLOW" => Allow,
        "SCMP_ACT_ERRNO" => Errno | ((errno ?? Eperm) & 0xffff),
        "SCMP_ACT_KILL" or "SCMP_ACT_KILL_THREAD" => KillThread,
        "SCMP_ACT_KILL_PROCESS" => KillProcess,
        "SCMP_ACT_TRAP" => Trap,
        "SCMP_ACT_TRACE" => Trace | ((errno ?? Eperm) & 0xffff),
        "SCMP_ACT_LOG" => Log,
        "SCMP_ACT_NOTIFY" => Notify,
        _ => throw QuiltException.Invalid("linux.seccomp.action", $"seccomp action '{action}' is unknown", "use one of the runtime spec's SCMP_ACT_ names"),
    };

    internal static bool IsErrno(uint action) => (action & 0xffff0000) == Errno;
}
