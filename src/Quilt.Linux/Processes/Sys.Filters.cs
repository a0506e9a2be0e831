using System.Runtime.InteropServices;

namespace Quilt.Linux;

public static unsafe partial class Sys
{
    /// <summary>Loads a filter of system calls into every thread of this process, with no_new_privs; it cannot be taken back.</summary>
    /// <param name="instructions">struct sock_filter, 8 bytes each.</param>
    /// <exception cref="SyscallException">EINVAL for a filter that the kernel does not take, or a kernel without filters.</exception>
    /// <seealso href="https://man7.org/linux/man-pages/man2/seccomp.2.html"/>
    public static void FilterSystemCalls(ReadOnlySpan<byte> instructions)
    {
        const int setModeFilter = 1, allThreads = 1, instructionSize = 8;
        ProcessControl(ProcessControlOption.SetNoNewPrivileges, 1);
        fixed (byte* first = instructions)
        {
            // struct sock_fprog: a 16-bit count, then at the next word the address.
            nint* program = stackalloc nint[2] { instructions.Length / instructionSize, (nint)first };
            nint result = LibC.syscall(SeccompNumber, setModeFilter, allThreads, (nint)program, 0, 0, 0);
            if (result > 0)
            {
                throw new SyscallException("seccomp", $"thread {result} has another filter", Errno.ESRCH);
            }

            Check(result, "seccomp", null);
        }
    }

    private static int SeccompNumber => RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? 277 : 317;
}
