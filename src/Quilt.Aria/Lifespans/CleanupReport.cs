using System.ComponentModel;

namespace Quilt.Aria;

/// <summary>What the end of a session or task took away.</summary>
public sealed record CleanupReport
{
    [Description("Its containers, in the order in which they were stopped.")]
    public required IReadOnlyList<CleanedContainer> Containers { get; init; }

    [Description("Names of its networks, which went after them.")]
    public IReadOnlyList<string> Networks { get; init; } = [];

    [Description("Ids of the tasks that ended with the session.")]
    public IReadOnlyList<string> Tasks { get; init; } = [];
}

public sealed record CleanedContainer
{
    public required string Id { get; init; }
    public required string Name { get; init; }

    [Description("removed; gone: it had gone by itself; kept: another task still has it.")]
    public required string Outcome { get; init; }

    [Description("Of its command, where one ran; 128 + signal where a signal ended it.")]
    public int? ExitCode { get; init; }

    [Description("It did not end by its stop signal in time, and was killed.")]
    public bool? Forced { get; init; }
}
