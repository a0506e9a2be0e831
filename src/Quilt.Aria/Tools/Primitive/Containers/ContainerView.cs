using System.ComponentModel;
using Quilt.Engine;

namespace Quilt.Aria;

/// <summary>A container as lists show it.</summary>
public sealed record ContainerView
{
    [Description("32 hexadecimal digits.")]
    public required string Id { get; init; }
    public required string Name { get; init; }

    [Description("creating, created, running, paused, stopping, exited or removing.")]
    public required string State { get; init; }

    [Description("By its health check while it runs: starting, healthy or unhealthy; left out where it has none.")]
    public string? Health { get; init; }
    public required string Image { get; init; }

    [Description("The snapshot's id that its files stand on, as a fork's or a restored one's; left out where they stand on the image itself.")]
    public string? Snapshot { get; init; }
    public required ContainerStrategy Strategy { get; init; }

    [Description("The agent's id that has it; empty is the operator.")]
    public required string Agent { get; init; }

    [Description("The session it belongs to; left out where it is the agent's standing one.")]
    public string? Session { get; init; }

    [Description("The tasks it lives as long as.")]
    public IReadOnlyList<string>? Tasks { get; init; }
    public required IReadOnlyDictionary<string, string> Labels { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }

    [Description("When it is removed by force.")]
    public DateTimeOffset? ExpiresAt { get; init; }

    [Description("Of its command; 128 + signal where a signal ended it.")]
    public int? ExitCode { get; init; }

    internal static ContainerView Of(ContainerRecord record) => new()
    {
        Id = record.Id.Value,
        Name = record.Name.Value,
        State = record.State.Name,
        Health = (record.State as ContainerState.Running)?.Health?.Name,
        Image = record.Spec.Image.ToString(),
        Snapshot = record.Snapshot,
        Strategy = record.Spec.Strategy,
        Agent = record.Owner.Agent,
        Session = record.Owner.Session.Length > 0 ? record.Owner.Session : null,
        Tasks = record.Owner.Tasks.Count > 0 ? record.Owner.Tasks : null,
        Labels = record.Spec.Labels,
        CreatedAt = record.CreatedAt,
        ExpiresAt = record.ExpiresAt,
        ExitCode = ExitOf(record)?.ExitCode,
    };

    internal static ContainerExit? ExitOf(ContainerRecord record) => record.State switch
    {
        ContainerState.Exited exited => exited.Exit,
        ContainerState.Removing removing => removing.Exit,
        _ => null,
    };
}
