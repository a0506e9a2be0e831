namespace Quilt.Linux;

/// <summary>Resource limit names and numbers (getrlimit(2)), the same on x86-64 and arm64.</summary>
public static class ResourceLimits
{
    private static readonly string[] Names =
    [
        "RLIMIT_CPU", "RLIMIT_FSIZE", "RLIMIT_DATA", "RLIMIT_STACK", "RLIMIT_CORE", "RLIMIT_RSS", "RLIMIT_NPROC", "RLIMIT_NOFILE",
        "RLIMIT_MEMLOCK", "RLIMIT_AS", "RLIMIT_LOCKS", "RLIMIT_SIGPENDING", "RLIMIT_MSGQUEUE", "RLIMIT_NICE", "RLIMIT_RTPRIO", "RLIMIT_RTTIME",
    ];

    /// <summary>What RLIMIT_NOFILE can be at most on this host, whoever asks (fs.nr_open).</summary>
    public static ulong MostOpenFiles => ulong.TryParse(Sys.TryReadFile("/proc/sys/fs/nr_open"), out ulong most) ? most : ulong.MaxValue;

    /// <summary>The number of a name such as <c>RLIMIT_NOFILE</c>; -1 is unknown.</summary>
    public static int NumberOf(string name) => Array.IndexOf(Names, name);

    public static bool IsKnown(string name) => NumberOf(name) >= 0;
}
