namespace Quilt.Aria;

/// <summary>A call, as it was decided and done.</summary>
/// <param name="Agent">Its id; empty is the operator, or nobody known.</param>
/// <param name="Arguments">A JSON object, without secrets.</param>
/// <param name="Outcome">See <see cref="AuditOutcomes"/>.</param>
/// <param name="Code">The error's; empty where there was none.</param>
/// <param name="Rule">What allowed or denied it.</param>
public sealed record AuditEntry(
    long Cursor, DateTimeOffset Time, string Agent, string AgentPath, string Session, string Face, string Tool, string Arguments, string Outcome, string Code, string Rule, TimeSpan Duration)
{
    /// <summary>The path of a caller who is not known; no agent can have it.</summary>
    internal const string Nobody = "(nobody)";

    /// <summary>The operator, or whoever is at a dashboard, only looked: an open page, or quilt top, does so all the time.</summary>
    public bool Watching { get; init; }
}

public static class AuditOutcomes
{
    public const string Allowed = "allowed", Denied = "denied", Failed = "failed";

    public static IReadOnlyList<string> All { get; } = [Allowed, Denied, Failed];
}
