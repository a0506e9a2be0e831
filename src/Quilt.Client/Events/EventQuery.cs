using Google.Protobuf.WellKnownTypes;
using Wire = Quilt.Api.V1;

namespace Quilt.Client;

/// <summary>Which events.</summary>
public sealed record EventQuery
{
    /// <summary>After the event of this cursor; 0: all that are kept.</summary>
    public long SinceCursor { get; init; }

    /// <summary>Only what happened from then on.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>Only what happened up to then; following ends there.</summary>
    public DateTimeOffset? Until { get; init; }

    /// <summary>Go on with those to come.</summary>
    public bool Follow { get; init; }

    /// <summary>Of one container alone.</summary>
    public string? Container { get; init; }

    /// <summary>Of these types alone.</summary>
    public IReadOnlyList<string> Types { get; init; } = [];

    internal Wire.GetEventsRequest ToWire()
    {
        Wire.GetEventsRequest request = new() { SinceCursor = SinceCursor, Since = Since?.ToTimestamp(), Until = Until?.ToTimestamp(), Follow = Follow, Container = Container ?? "" };
        request.Types_.AddRange(Types);
        return request;
    }
}
