using System.Globalization;

namespace Quilt.Linux;

/// <summary>How the host is at the moment, as /proc tells it.</summary>
public static class HostReadings
{
    public static long MemoryTotalBytes() => MemoryInfo("MemTotal:");

    public static long MemoryAvailableBytes() => MemoryInfo("MemAvailable:");

    /// <summary>Of the last minute (proc_loadavg(5)).</summary>
    public static double LoadAverage() => double.Parse(File.ReadAllText("/proc/loadavg").Split(' ')[0], CultureInfo.InvariantCulture);

    /// <summary>Percent of the last 10 s in which some task waited for cpu, memory or io (Documentation/accounting/psi.rst).</summary>
    /// <returns>Null where the kernel does not tell.</returns>
    public static IReadOnlyDictionary<string, double>? Pressure()
    {
        Dictionary<string, double> pressure = [];
        foreach (string resource in (string[])["cpu", "memory", "io"])
        {
            try
            {
                // "some avg10=0.00 avg60=…"
                string text = File.ReadAllText($"/proc/pressure/{resource}");
                int begin = text.IndexOf("avg10=", StringComparison.Ordinal) + "avg10=".Length;
                pressure[resource] = double.Parse(text.AsSpan(begin, text.IndexOf(' ', begin) - begin), CultureInfo.InvariantCulture);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                return null;
            }
        }

        return pressure;
    }

    private static long MemoryInfo(string name)
    {
        string line = File.ReadLines("/proc/meminfo").First(l => l.StartsWith(name, StringComparison.Ordinal));
        return long.Parse(line[name.Length..].Replace("kB", "", StringComparison.Ordinal), NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture) * 1024;
    }
}
