using Google.Protobuf.WellKnownTypes;
using Wire = Quilt.Api.V1;

namespace Quilt.Client;

/// <summary>Which lines of a container's output.</summary>
public sealed record LogQuery
{
    /// <summary>So many of the last; null: all.</summary>
    public long? Tail { get; init; }

    public DateTimeOffset? Since { get; init; }

    public DateTimeOffset? Until { get; init; }

    /// <summary><c>stdout</c> or <c>stderr</c>; null: both.</summary>
    public string? Stream { get; init; }

    /// <summary>A regular expression that a line must match.</summary>
    public string? Pattern { get; init; }

    /// <summary>Go on with those to come, until the command ends.</summary>
    public bool Follow { get; init; }

    /// <summary>After the line that had this cursor.</summary>
    public string? Cursor { get; init; }

    internal Wire.GetLogsRequest ToWire(string container)
    {
        Wire.GetLogsRequest request = new()
        {
            Container = container, Since = Since?.ToTimestamp(), Until = Until?.ToTimestamp(), Stream = Stream ?? "", Pattern = Pattern ?? "", Follow = Follow, Cursor = Cursor ?? "",
        };
        if (Tail is { } lines)
        {
            request.Tail = lines;
        }

        return request;
    }
}
