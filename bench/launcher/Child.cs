using System.Diagnostics;
using Quilt.Linux;

namespace Quilt.Bench.Launcher;

internal static class Child
{
    private static readonly string[] Environment = ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"];

    /// <summary>Runs a program to its end by posix_spawn, which copies nothing of this process.</summary>
    internal static (double WallMillis, double ProcessorMillis) Run(string program, IReadOnlyList<string> arguments)
    {
        long before = Stopwatch.GetTimestamp();
        int pid = Sys.SpawnInNewSession(program, arguments, Environment);
        using FileDescriptor process = Sys.PidFdOpen(pid);
        ProcessEnd end = Sys.WaitPidFd(process, wait: true, out ResourceUsage usage)!.Value;
        double wall = Stopwatch.GetElapsedTime(before).TotalMilliseconds;
        return end.ExitCode == 0
            ? (wall, (usage.UserTime + usage.SystemTime).TotalMilliseconds)
            : throw new InvalidOperationException($"{program} {string.Join(' ', arguments)} ended with {end.ExitCode}");
    }
}
