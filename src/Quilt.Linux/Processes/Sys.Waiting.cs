namespace Quilt.Linux;

public static unsafe partial class Sys
{
    /// <summary>Reaps the child that a pidfd names, waiting for its end unless <paramref name="wait"/> is false.</summary>
    /// <returns>Null where it runs on.</returns>
    /// <exception cref="SyscallException">ECHILD: not a child of ours, or reaped already.</exception>
    /// <seealso href="https://man7.org/linux/man-pages/man2/waitid.2.html"/>
    public static ProcessEnd? WaitPidFd(FileDescriptor process, bool wait, out ResourceUsage usage)
    {
        const int byPidFd = 3, exited = 4, noHang = 1, allChildren = 0x40000000, codeExited = 1;
        byte* info = stackalloc byte[128];
        new Span<byte>(info, 128).Clear();
        long* used = stackalloc long[18]; // struct rusage: two timevals, then 14 longs
        int result;
        do
        {
            result = (int)LibC.syscall(WaitIdNumber, byPidFd, process.Number, (nint)info, exited | allChildren | (wait ? 0 : noHang), (nint)used, 0);
        }
        while (result < 0 && LastErrno() == Errno.EINTR);
        Check(result, "waitid", "pidfd");
        if (*(int*)info == 0)
        {
            usage = default;
            return null;
        }

        usage = new ResourceUsage(Time(used), Time(used + 2), used[4] * 1024);
        int code = *(int*)(info + 8), status = *(int*)(info + 24);
        return code == codeExited ? new ProcessEnd(status, 0) : new ProcessEnd(128 + status, status);

        static TimeSpan Time(long* timeval) => TimeSpan.FromSeconds(timeval[0]) + TimeSpan.FromMicroseconds(timeval[1]);
    }

    // The C library's waitid drops the kernel's fifth argument, the usage.
    private static int WaitIdNumber =>
        System.Runtime.InteropServices.RuntimeInformation.ProcessArchitecture == System.Runtime.InteropServices.Architecture.Arm64 ? 95 : 247;
}
