using Quilt.Linux;
using Quilt.Oci;

namespace Quilt.Launch;

/// <summary>
/// Runs this program from a sealed copy in memory. A container whose root is the host's root could otherwise write to our
/// file: something inside executes <c>/proc/self/exe</c> at the right moment, holds it, and waits (CVE-2019-5736).
/// </summary>
public static unsafe class SealedProgram
{
    /// <summary>In a user namespace that does not map the host's root, nobody inside may write to a file of the host's root.</summary>
    public static bool IsNeededFor(OciLinux linux) =>
        !linux.Namespaces.Any(n => n is { Type: "user", Path: null or "" }) || linux.UidMappings.Any(m => m.HostId == 0);

    /// <summary>Begins this program again from a sealed copy, with the same arguments; returns only where it runs from one.</summary>
    /// <exception cref="LaunchException">This host runs nothing from memory (vm.memfd_noexec).</exception>
    public static void Enter()
    {
        try
        {
            using FileDescriptor self = Sys.Open("/proc/self/exe", OpenMode.ReadOnly);
            if (Sys.IsSealed(self))
            {
                return;
            }

            using FileDescriptor copy = Sys.SealedMemory("quilt", File.ReadAllBytes("/proc/self/exe"));
            throw Sys.Execute($"/proc/self/fd/{copy.Number}", File.ReadAllBytes("/proc/self/cmdline"));
        }
        catch (SyscallException e)
        {
            throw new LaunchException(LaunchStage.SealProgram, e.Errno, $"run from a sealed copy of this program ({e.Call})", e);
        }
    }
}
