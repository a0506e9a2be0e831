namespace Quilt.Aria;

/// <summary>What a face knows of a call before anybody looked at it.</summary>
/// <param name="Face">Where it came in: <c>grpc</c>, <c>http</c>, <c>mcp</c>, <c>dashboard</c>.</param>
public sealed record Call(string Face)
{
    /// <summary>Null: nobody said who calls.</summary>
    public string? Token { get; init; }

    /// <summary>Somebody said who calls in another way than with a token: nobody is known by that, whatever it came through.</summary>
    public bool OtherAuthorization { get; init; }

    /// <summary>It came through the daemon's own socket: without a token it is the operator's.</summary>
    public bool OwnSocket { get; init; }

    /// <summary>It came through the dashboard's address, where alone a token of the operator's is good.</summary>
    public bool Dashboard { get; init; }

    /// <summary>A session's id or name; null is the standing one.</summary>
    public string? Session { get; init; }
    public string? IdempotencyKey { get; init; }

    /// <summary>The caller's own trace, as <see cref="Core.Telemetry.TraceHeader"/> has it; null where there is none.</summary>
    public string? TraceParent { get; init; }

    /// <summary>Null is never.</summary>
    public TimeSpan? Timeout { get; init; }
}
