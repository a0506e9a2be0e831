namespace Quilt.Cognition;

/// <summary>What a run may use.</summary>
/// <param name="Requests">How often the model is asked at most.</param>
/// <param name="Tokens">Sent and received, over all requests; no further request is made once they are used. Null: no limit.</param>
public sealed record AgentBudget(int Requests, long? Tokens);

/// <summary>A run was stopped before its model was done.</summary>
public sealed class AgentStoppedException(string message, string remedy) : Exception(message)
{
    public string Remedy { get; } = remedy;
}
