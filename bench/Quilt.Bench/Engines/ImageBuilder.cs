using Quilt.Bench.Processes;

namespace Quilt.Bench.Engines;

/// <summary>Builds Dockerfiles by its command line.</summary>
/// <param name="Global">Options before the verb.</param>
/// <param name="KeepsSteps">Whether it keeps each step's outcome, and does not do it again the next time.</param>
internal sealed record ImageBuilder(string Side, Command Command, IReadOnlyList<string> Global, bool KeepsSteps)
{
    public IReadOnlyList<string> Options { get; init; } = [];

    /// <summary>The command that takes away what builds have kept for the next one.</summary>
    public required IReadOnlyList<string> Prune { get; init; }

    /// <summary>Makes <see cref="Workload.BuildBase"/>, where it is not there yet.</summary>
    public Action MakeBase { get; init; } = () => { };

    /// <param name="isCold">Whether every step is done anew.</param>
    /// <returns>Milliseconds of the whole process.</returns>
    public double Build(string context, string tag, bool isCold) =>
        Command.Run([.. Global, "build", .. isCold ? (string[])["--no-cache"] : [], .. Options, "--tag", tag, context]);

    public void Remove(string tag)
    {
        Command.Run([.. Global, "rmi", "--force", tag]);
        Command.Run([.. Global, .. Prune]);
    }
}
