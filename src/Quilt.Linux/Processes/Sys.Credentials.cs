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
}
