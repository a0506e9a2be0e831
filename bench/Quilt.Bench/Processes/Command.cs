using System.Diagnostics;

namespace Quilt.Bench.Processes;

/// <summary>A program run to its end, with its output on /dev/null and its complaints in a file.</summary>
/// <param name="Complaints">Where standard error goes; read only when the program fails.</param>
internal sealed record Command(string Program, string Complaints)
{
    /// <summary>Runs it with these arguments.</summary>
    /// <returns>Milliseconds from before the spawn to its end, by the monotonic clock.</returns>
    /// <exception cref="BenchException">It could not be started, or ended with another code than 0.</exception>
    public double Run(params IReadOnlyList<string> arguments)
    {
        long start = Stopwatch.GetTimestamp();
        int status = Child.Start(Program, arguments, "/dev/null", Complaints).Wait();
        double elapsed = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        if (status != 0)
        {
            throw new BenchException($"'{Program} {string.Join(' ', arguments)}' ended with {Describe(status)}: {File.ReadAllText(Complaints).Trim()}");
        }

        return elapsed;
    }

    private static string Describe(int status) => (status & 0x7F) == 0 ? $"code {(status >> 8) & 0xFF}" : $"signal {status & 0x7F}";
}
