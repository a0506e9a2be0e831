using System.Text.Json.Serialization;

namespace Quilt.Client;

// What beginSession and endSession take and answer.

internal sealed record BeginSessionArguments
{
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Name { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Ttl { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? IdleTimeout { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? OrphanGrace { get; init; }
}

internal sealed record BeginSessionAnswer(SessionAnswer Session);

internal sealed record SessionAnswer(string Id, string? Name = null, string? Agent = null, DateTimeOffset? ExpiresAt = null);

internal sealed record EndSessionArguments(string Session);

internal sealed record EndSessionAnswer(SessionReport? Report = null);
