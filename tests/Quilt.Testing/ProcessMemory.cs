using System.Globalization;

namespace Quilt.Testing;

public static class ProcessMemory
{
    /// <summary>What a process has in memory at the moment (VmRSS of proc_pid_status(5)), bytes.</summary>
    public static long ResidentBytes(int pid)
    {
        string line = File.ReadLines($"/proc/{pid}/status").First(l => l.StartsWith("VmRSS:", StringComparison.Ordinal));
        return long.Parse(line.Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) << 10;
    }
}
