using System.Runtime.InteropServices;

namespace Quilt.Linux;

public static unsafe partial class Sys
{
    /// <summary>Gives up what root may: every thread becomes the user and the group, without other groups and without capabilities (the C library sees to all threads).</summary>
    /// <exception cref="SyscallException">EPERM where this is not root; EINVAL where the id has no place in the user namespace.</exception>
    /// <seealso href="https://man7.org/linux/man-pages/man2/setresuid.2.html"/>
    public static void BecomeUser(uint user, uint group)
    {
        Check(LibC.setgroups(0, null), "setgroups", null);
        Check(LibC.setresgid(group, group, group), "setresgid", $"{group}");
        Check(LibC.setresuid(user, user, user), "setresuid", $"{user}");
    }

    /// <summary>
    /// The calling thread alone acts on files as the user and the group, without other groups, and has the given capabilities and no others.
    /// For good: a thread that may do something else afterwards is another one.
    /// </summary>
    /// <exception cref="SyscallException">EPERM where this is not root.</exception>
    /// <seealso href="https://man7.org/linux/man-pages/man2/capset.2.html"/>
    internal static void ActOnFilesAs(uint user, uint group, ulong capabilities)
    {
        // The C library's setgroups is for all threads, the kernel's for the caller.
        bool arm = RuntimeInformation.ProcessArchitecture == Architecture.Arm64;
        int setGroups = arm ? 159 : 116, setFsUid = arm ? 151 : 122, setFsGid = arm ? 152 : 123, capSet = arm ? 91 : 126;
        Check(LibC.syscall(setGroups, 0, 0, 0, 0, 0, 0), "setgroups", null);
        SetFileId(setFsGid, group, "setfsgid");
        SetFileId(setFsUid, user, "setfsuid");

        // Another file-system user takes the capabilities over files away; permitted they still are (capabilities(7)).
        const uint version3 = 0x20080522;
        uint* header = stackalloc uint[2] { version3, 0 };
        uint low = (uint)capabilities, high = (uint)(capabilities >> 32);
        uint* sets = stackalloc uint[6] { low, low, 0, high, high, 0 };
        Check(LibC.syscall(capSet, (nint)header, (nint)sets, 0, 0, 0, 0), "capset", null);
    }

    /// <summary>It answers with the id before and says nothing of success: asking again with what is no id tells.</summary>
    private static void SetFileId(int call, uint id, string name)
    {
        const nint none = -1;
        _ = LibC.syscall(call, (nint)id, 0, 0, 0, 0, 0);
        if ((uint)LibC.syscall(call, none, 0, 0, 0, 0, 0) != id)
        {
            throw new SyscallException(name, $"{id}", Errno.EPERM);
        }
    }
}
