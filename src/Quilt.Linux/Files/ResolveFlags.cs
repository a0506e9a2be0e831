namespace Quilt.Linux;

/// <summary>How openat2(2) walks a path (RESOLVE_*).</summary>
[Flags]
public enum ResolveFlags : ulong
{
    None = 0,

    /// <summary>No step onto another mount.</summary>
    NoCrossingMounts = 0x01,

    /// <summary>No link that is a jump, such as /proc/PID/fd/N.</summary>
    NoMagicLinks = 0x02,

    /// <summary>No symbolic link at all.</summary>
    NoSymbolicLinks = 0x04,

    /// <summary>EXDEV for a step above the folder, absolute links included.</summary>
    Beneath = 0x08,

    /// <summary>The folder is the root: absolute paths and <c>..</c> end there.</summary>
    InRoot = 0x10,

    /// <summary>EAGAIN unless all is in the kernel's cache.</summary>
    Cached = 0x20,
}
