using Quilt.Linux;

namespace Quilt.Launch.Parent;

/// <summary>Which of the kernel's security modules that label processes this host runs with.</summary>
internal static class SecurityModules
{
    /// <summary>Engines give a profile only where AppArmor is active; one that cannot be had is never left out silently.</summary>
    /// <exception cref="LaunchException">AppArmor is not active here.</exception>
    internal static void RequireAppArmor()
    {
        if (Sys.TryReadFile("/sys/module/apparmor/parameters/enabled") is not [(byte)'Y', ..])
        {
            throw new LaunchException(LaunchStage.LsmLabel, Errno.EOPNOTSUPP, "process.apparmorProfile: AppArmor is not active on this host");
        }
    }

    /// <exception cref="LaunchException">SELinux is not active here.</exception>
    internal static void RequireSelinux()
    {
        if (!HasSelinux)
        {
            throw new LaunchException(LaunchStage.LsmLabel, Errno.EOPNOTSUPP, "process.selinuxLabel: SELinux is not active on this host");
        }
    }

    internal static bool HasSelinux => File.Exists("/sys/fs/selinux/enforce");
}
