using System.Runtime.InteropServices;

namespace Quilt.Linux;

/// <summary>A system call failed. The message reads <c>call(subject): ERRNO (what it usually means)</c>.</summary>
public sealed class SyscallException(string call, string? subject, Errno errno)
    : Exception($"{call}({subject}): {errno} ({errno.Meaning()})")
{
    public string Call { get; } = call;
    public Errno Errno { get; } = errno;

    /// <summary>From the errno that the import just set.</summary>
    internal static SyscallException Last(string call, string? subject = null) =>
        new(call, subject, (Errno)Marshal.GetLastPInvokeError());
}
