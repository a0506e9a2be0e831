using Quilt.Bench.Processes;

namespace Quilt.Bench.Engines;

/// <summary>What an engine does with images by its command line, whose verbs are docker's. Whole processes, in milliseconds.</summary>
/// <param name="Global">Options before the verb.</param>
internal sealed record ImageCli(string Side, Command Command, IReadOnlyList<string> Global)
{
    public IReadOnlyList<string> PullOptions { get; init; } = [];

    /// <summary>Such as those for no network.</summary>
    public IReadOnlyList<string> RunOptions { get; init; } = [];

    /// <summary>The command that takes away what <c>rmi</c> leaves.</summary>
    public IReadOnlyList<string> Prune { get; init; } = ["image", "prune", "--force"];

    /// <summary>Who pulls, where that is in a network namespace of its own; null: in the host's.</summary>
    public int? NetworkPid { get; init; }

    public double Pull(string reference) => Command.Run([.. Global, "pull", .. PullOptions, reference]);

    public double RunTrue(string reference) => Command.Run([.. Global, "run", "--rm", .. RunOptions, reference, .. Workload.True]);

    public double Import(string archive, string reference) => Command.Run([.. Global, "import", archive, reference]);

    /// <summary>With its content, so that the next one begins with nothing of it.</summary>
    public double Remove(string reference) => Command.Run([.. Global, "rmi", "--force", reference]) + Command.Run([.. Global, .. Prune]);
}
