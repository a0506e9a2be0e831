using System.Runtime.InteropServices;

namespace Quilt.Linux;

/// <summary>Descriptors that give eight bytes, how often something happened, and EAGAIN when it did not.</summary>
internal static unsafe class KernelCounter
{
    internal static ulong Take(FileDescriptor file, string subject)
    {
        ulong count;
        if (LibC.read(file.Number, (byte*)&count, sizeof(ulong)) >= 0)
        {
            return count;
        }

        return (Errno)Marshal.GetLastPInvokeError() == Errno.EAGAIN ? 0UL : throw SyscallException.Last("read", subject);
    }
}
