using System.Globalization;

namespace Quilt.Linux;

/// <summary>Capability names and numbers (capabilities(7)).</summary>
public static class Capabilities
{
    private static readonly string[] Names =
    [
        "CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_DAC_READ_SEARCH", "CAP_FOWNER", "CAP_FSETID", "CAP_KILL", "CAP_SETGID", "CAP_SETUID",
        "CAP_SETPCAP", "CAP_LINUX_IMMUTABLE", "CAP_NET_BIND_SERVICE", "CAP_NET_BROADCAST", "CAP_NET_ADMIN", "CAP_NET_RAW", "CAP_IPC_LOCK",
        "CAP_IPC_OWNER", "CAP_SYS_MODULE", "CAP_SYS_RAWIO", "CAP_SYS_CHROOT", "CAP_SYS_PTRACE", "CAP_SYS_PACCT", "CAP_SYS_ADMIN",
        "CAP_SYS_BOOT", "CAP_SYS_NICE", "CAP_SYS_RESOURCE", "CAP_SYS_TIME", "CAP_SYS_TTY_CONFIG", "CAP_MKNOD", "CAP_LEASE",
        "CAP_AUDIT_WRITE", "CAP_AUDIT_CONTROL", "CAP_SETFCAP", "CAP_MAC_OVERRIDE", "CAP_MAC_ADMIN", "CAP_SYSLOG", "CAP_WAKE_ALARM",
        "CAP_BLOCK_SUSPEND", "CAP_AUDIT_READ", "CAP_PERFMON", "CAP_BPF", "CAP_CHECKPOINT_RESTORE",
    ];

    private static readonly Lazy<int> LastOfKernel = new(() =>
        int.Parse(Sys.TryReadFile("/proc/sys/kernel/cap_last_cap"), CultureInfo.InvariantCulture));

    /// <summary>The highest number this kernel knows.</summary>
    public static int Last => LastOfKernel.Value;

    public static IReadOnlyList<string> All => Names;

    /// <summary>The number of a name such as <c>CAP_NET_RAW</c>, in either case, with or without the prefix; -1 is unknown.</summary>
    public static int NumberOf(string name)
    {
        string full = name.StartsWith("CAP_", StringComparison.OrdinalIgnoreCase) ? name : "CAP_" + name;
        return Array.FindIndex(Names, known => known.Equals(full, StringComparison.OrdinalIgnoreCase));
    }

    /// <summary>The names of those that this process has (CapPrm in proc_pid_status(5)).</summary>
    public static IReadOnlyList<string> Own()
    {
        const string prefix = "CapPrm:";
        string line = File.ReadLines("/proc/self/status").First(l => l.StartsWith(prefix, StringComparison.Ordinal));
        ulong mask = ulong.Parse(line.AsSpan(prefix.Length).Trim(), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
        return [.. Names.Where((_, number) => (mask & (1UL << number)) != 0)];
    }

    /// <summary>Whether this kernel has one of that name.</summary>
    public static bool IsKnown(string name) => IsOfKernel(NumberOf(name));

    /// <summary>The set as bits. Names that this kernel does not know are left out, as the runtime spec lets us.</summary>
    public static ulong Mask(IEnumerable<string> names)
    {
        ulong mask = 0;
        foreach (int number in names.Select(NumberOf).Where(IsOfKernel))
        {
            mask |= 1UL << number;
        }

        return mask;
    }

    private static bool IsOfKernel(int number) => number >= 0 && number <= Last;
}
