using System.Runtime.InteropServices;

namespace Quilt.Launch.Child;

/// <summary>System call numbers of the two architectures we build for (asm/unistd_64.h, asm-generic/unistd.h).</summary>
internal static class SyscallNumbers
{
    // A constant for the ahead-of-time compiler: the other architecture's branch is folded away.
    private static bool X64 => RuntimeInformation.ProcessArchitecture == Architecture.X64;

    internal static nint Read => X64 ? 0 : 63;
    internal static nint Write => X64 ? 1 : 64;
    internal static nint Close => X64 ? 3 : 57;
    internal static nint Statx => X64 ? 332 : 291;
    internal static nint Fstatfs => X64 ? 138 : 44;
    internal static nint RtSigaction => X64 ? 13 : 134;
    internal static nint RtSigprocmask => X64 ? 14 : 135;
    internal static nint RtSigtimedwait => X64 ? 128 : 137;
    internal static nint Wait4 => X64 ? 61 : 260;
    internal static nint GetPid => X64 ? 39 : 172;
    internal static nint ClockGetTime => X64 ? 228 : 113;
    internal static nint Kill => X64 ? 62 : 129;
    internal static nint Ioctl => X64 ? 16 : 29;
    internal static nint Socket => X64 ? 41 : 198;
    internal static nint Execve => X64 ? 59 : 221;
    internal static nint Accept4 => X64 ? 288 : 242;
    internal static nint Sendmsg => X64 ? 46 : 211;
    internal static nint Recvmsg => X64 ? 47 : 212;
    internal static nint Exit => X64 ? 231 : 94; // exit_group
    internal static nint Fcntl => X64 ? 72 : 25;
    internal static nint Getcwd => X64 ? 79 : 17;
    internal static nint Chdir => X64 ? 80 : 49;
    internal static nint Fchdir => X64 ? 81 : 50;
    internal static nint Fchown => X64 ? 93 : 55;
    internal static nint Umask => X64 ? 95 : 166;
    internal static nint Setsid => X64 ? 112 : 157;
    internal static nint Setgroups => X64 ? 116 : 159;
    internal static nint Setresuid => X64 ? 117 : 147;
    internal static nint Setresgid => X64 ? 119 : 149;
    internal static nint Capset => X64 ? 126 : 91;
    internal static nint Personality => X64 ? 135 : 92;
    internal static nint PivotRoot => X64 ? 155 : 41;
    internal static nint Prctl => X64 ? 157 : 167;
    internal static nint Chroot => X64 ? 161 : 51;
    internal static nint Mount => X64 ? 165 : 40;
    internal static nint Umount2 => X64 ? 166 : 39;
    internal static nint Sethostname => X64 ? 170 : 161;
    internal static nint Setdomainname => X64 ? 171 : 162;
    internal static nint Keyctl => X64 ? 250 : 219;
    internal static nint OpenAt => X64 ? 257 : 56;
    internal static nint MkdirAt => X64 ? 258 : 34;
    internal static nint MknodAt => X64 ? 259 : 33;
    internal static nint FchownAt => X64 ? 260 : 54;
    internal static nint SymlinkAt => X64 ? 266 : 36;
    internal static nint UnlinkAt => X64 ? 263 : 35;
    internal static nint FchmodAt => X64 ? 268 : 53;
    internal static nint GetDents64 => X64 ? 217 : 61;
    internal static nint ReadLinkAt => X64 ? 267 : 78;
    internal static nint SendFile => X64 ? 40 : 71;
    internal static nint Fchmod => X64 ? 91 : 52;
    internal static nint FListXattr => X64 ? 196 : 13;
    internal static nint FGetXattr => X64 ? 193 : 10;
    internal static nint FSetXattr => X64 ? 190 : 7;
    internal static nint Unshare => X64 ? 272 : 97;
    internal static nint Dup3 => X64 ? 292 : 24;
    internal static nint Setns => X64 ? 308 : 268;
    internal static nint Seccomp => X64 ? 317 : 277;
    internal static nint OpenTree => 428;
    internal static nint MoveMount => 429;
    internal static nint FsOpen => 430;
    internal static nint FsConfig => 431;
    internal static nint FsMount => 432;
    internal static nint Clone3 => 435;
    internal static nint CloseRange => 436;
    internal static nint OpenAt2 => 437;
    internal static nint MountSetAttr => 442;
}
