using Quilt.Oci;

namespace Quilt.Linux;

/// <summary>Resource limit names and numbers (getrlimit(2)), the same on x86-64 and arm64.</summary>
public static class ResourceLimits
{
    /// <summary>What RLIMIT_NOFILE can be at most on this host, whoever asks (fs.nr_open).</summary>
    public static ulong MostOpenFiles => ulong.TryParse(Sys.TryReadFile("/proc/sys/fs/nr_open"), out ulong most) ? most : ulong.MaxValue;

    /// <summary>The number of a name such as <c>RLIMIT_NOFILE</c>; -1 is unknown.</summary>
    public static int NumberOf(string name) => OciRlimit.Types.IndexOf(name);

    public static bool IsKnown(string name) => NumberOf(name) >= 0;
}
