using System.Collections.Concurrent;

namespace Quilt.Soak.Tests;

/// <summary>What is wrong: each is printed when it is found, and any of them fails the part.</summary>
internal sealed class Findings
{
    private const int Most = 25;
    private readonly ConcurrentQueue<string> _all = new();

    /// <summary>More would tell nothing new.</summary>
    internal bool IsFull => _all.Count >= Most;

    internal IReadOnlyCollection<string> All => _all;

    internal void Add(string finding)
    {
        _all.Enqueue(finding);
        Console.WriteLine($"  FOUND {finding}");
    }
}
