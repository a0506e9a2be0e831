namespace Quilt.Client;

/// <summary>What became of a session's containers when it ended.</summary>
public sealed record SessionReport(IReadOnlyList<EndedContainer> Containers)
{
    internal static SessionReport Empty { get; } = new([]);
}

/// <param name="Outcome">Such as <c>removed</c>.</param>
/// <param name="Forced">Whether it had to be killed.</param>
public sealed record EndedContainer(string Id, string Name, string Outcome, int? ExitCode = null, bool? Forced = null);
