namespace Quilt.Bench.Launcher;

/// <summary>A program with the arguments that make it run one container to its end; '{id}' is replaced in each round.</summary>
internal sealed record Contender(string Name, string Program, IReadOnlyList<string> Arguments)
{
    /// <summary>Milliseconds from before the start to after the reaping, one per round.</summary>
    internal List<double> Wall { get; } = [];

    /// <summary>Milliseconds of processor time, user and system, of the program and all that it reaped.</summary>
    internal List<double> Processor { get; } = [];

    internal void RunOnce(int round, bool record)
    {
        (double wall, double processor) = Child.Run(Program, [.. Arguments.Select(a => a.Replace("{id}", $"bench-{Environment.ProcessId}-{round}", StringComparison.Ordinal))]);
        if (record)
        {
            Wall.Add(wall);
            Processor.Add(processor);
        }
    }

    internal static double Percentile(List<double> values, double part)
    {
        List<double> sorted = [.. values.Order()];
        return sorted[(int)Math.Min(sorted.Count - 1, sorted.Count * part)];
    }
}
