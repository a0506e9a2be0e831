using Quilt.Testing;

namespace Quilt.Soak.Tests;

/// <summary>What a process takes for itself at the moment.</summary>
internal readonly record struct DaemonUse(long ResidentBytes, int Descriptors, int Threads)
{
    internal static DaemonUse Of(int pid) => new(
        ProcessMemory.ResidentBytes(pid), Directory.EnumerateFileSystemEntries($"/proc/{pid}/fd").Count(), Directory.EnumerateDirectories($"/proc/{pid}/task").Count());
}
