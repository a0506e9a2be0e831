using Wire = Quilt.Api.V1;

namespace Quilt.Client;

/// <summary>Which containers; all that is set has to hold.</summary>
public sealed record ContainerQuery
{
    /// <summary>Also those that do not run.</summary>
    public bool All { get; init; } = true;

    /// <summary>In one of these states.</summary>
    public IReadOnlyList<ContainerState> States { get; init; } = [];

    /// <summary>An empty value matches any.</summary>
    public IReadOnlyDictionary<string, string> Labels { get; init; } = new Dictionary<string, string>();

    /// <summary>A part of the name.</summary>
    public string? Name { get; init; }

    public string? Image { get; init; }

    public ContainerStrategy? Strategy { get; init; }

    internal Wire.ListContainersRequest ToWire(string cursor)
    {
        Wire.ListContainersRequest request = new()
        {
            All = All, Name = Name ?? "", Image = Image ?? "", Strategy = Strategy is { } strategy ? StrategyNames.Of(strategy) : "", Cursor = cursor,
        };
        request.States.AddRange(States.Select(s => (Wire.ContainerState)(int)s));
        request.Labels.Add(Labels.ToDictionary());
        return request;
    }
}
