using System.Text.Json.Nodes;

namespace Quilt.Cognition;

/// <summary>Something that happened in a run, for whoever watches it or keeps it. Holds no secret that was known by then.</summary>
public abstract record AgentEvent
{
    private AgentEvent()
    {
    }

    /// <param name="Session">Null: the agent's standing one.</param>
    public sealed record Began(string Task, string Agent, string? Session, string Model, IReadOnlyList<string> Tools) : AgentEvent;

    /// <summary>The model's words; the last are the answer.</summary>
    public sealed record Said(string Text) : AgentEvent;

    public sealed record Called(string CallId, string Tool, JsonObject Arguments) : AgentEvent;

    /// <param name="Failed">The result is an error: <c>{code, message, field, remedy}</c>, or words.</param>
    public sealed record Answered(string CallId, string Tool, JsonNode? Result, bool Failed, TimeSpan Duration) : AgentEvent;

    /// <param name="InputTokens">Of one request, as the provider counts.</param>
    public sealed record Used(int Request, long InputTokens, long OutputTokens) : AgentEvent;

    /// <summary>The model's provider has failed, in a way that may pass.</summary>
    /// <param name="Pause">After which it is asked again.</param>
    public sealed record Delayed(string Reason, TimeSpan Pause) : AgentEvent;

    /// <summary>Of what the run had made.</summary>
    public sealed record Cleaned(string What) : AgentEvent;

    /// <param name="Outcome">done, stopped (a budget, or going in circles), failed or interrupted.</param>
    public sealed record Ended(string Outcome, string? Reason, int Requests, long InputTokens, long OutputTokens) : AgentEvent;
}
