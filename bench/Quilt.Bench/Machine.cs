using System.Globalization;

namespace Quilt.Bench;

/// <summary>What the figures depend on.</summary>
internal static class Machine
{
    public static string Kernel => File.ReadAllText("/proc/sys/kernel/osrelease").Trim();

    public static string Processor =>
        File.ReadLines("/proc/cpuinfo").FirstOrDefault(l => l.StartsWith("model name", StringComparison.Ordinal))?.Split(':', 2)[1].Trim() ?? "processor";

    /// <summary>Of the last minute.</summary>
    public static double Load => double.Parse(File.ReadAllText("/proc/loadavg").Split(' ')[0], CultureInfo.InvariantCulture);
}
