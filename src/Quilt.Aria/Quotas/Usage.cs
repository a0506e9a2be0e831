namespace Quilt.Aria;

/// <summary>What an agent has at the moment, with all that its own agents have.</summary>
/// <param name="MemoryBytes">Sum of its containers' limits.</param>
/// <param name="Cpus">Sum of what its containers are given; those without a number count as none.</param>
/// <param name="Execs">Commands under way that somebody waits for.</param>
public sealed record Usage(int Containers, long MemoryBytes, double Cpus, int Networks, int Execs, int Calls)
{
    /// <summary>Sum of its containers' and volumes' disk limits.</summary>
    public long DiskBytes { get; init; }
    public int Volumes { get; init; }

    /// <summary>That begin at its containers.</summary>
    public int Edges { get; init; }

    /// <summary>Of its containers, exposed or bound.</summary>
    public int Ports { get; init; }
}
