using Microsoft.Agents.AI;
using Microsoft.Extensions.AI;
using Quilt.Core;

namespace Quilt.Cognition;

/// <summary>A model that works on a task with tools until it answers without a call.</summary>
public sealed class AgentLoop : IDisposable
{
    private readonly HttpClient _http = ProviderHttp.Create();
    private readonly IChatClient _provider;
    private readonly WatchedChatClient _watched;
    private readonly FunctionInvokingChatClient _invoking;
    private readonly ChatClientAgent _agent;

    /// <param name="name">The agent's.</param>
    /// <param name="instructions">See <see cref="AgentInstructions"/>.</param>
    /// <param name="secrets">Kept out of what is told.</param>
    /// <param name="tell">Of everything that happens, in order.</param>
    /// <param name="time">Null: the system's.</param>
    /// <exception cref="QuiltException">FailedPrecondition: the model's configuration lacks something.</exception>
    public AgentLoop(string name, ModelConfig model, ApiKey key, string instructions, IReadOnlyList<AIFunction> functions, AgentBudget budget, Secrets secrets, Action<AgentEvent> tell, TimeProvider? time = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(key);
        AgentTools tools = new(functions, secrets, tell);
        ProviderFailure failure = new($"the model provider ({ProviderNames.Of(model.Provider)})", "model", key);
        _provider = ChatClientFactory.Create(model, key, _http, "model");
        _watched = new WatchedChatClient(_provider, model, failure, budget, secrets, tools, tell, time ?? TimeProvider.System);

        // The budget is ours to count: the library would take the tools away in the last round, and answer with what it has.
        _invoking = new FunctionInvokingChatClient(_watched) { MaximumIterationsPerRequest = int.MaxValue, AllowConcurrentInvocation = false, FunctionInvoker = tools.InvokeAsync };
        _agent = new ChatClientAgent(_invoking, new ChatClientAgentOptions
        {
            Name = name,
            UseProvidedChatClientAsIs = true,
            ChatOptions = new ChatOptions { Instructions = instructions, Tools = [.. functions], MaxOutputTokens = model.MaxOutputTokens, Temperature = (float?)model.Temperature },
        });
    }

    public int Requests => _watched.Requests;
    public long InputTokens => _watched.InputTokens;
    public long OutputTokens => _watched.OutputTokens;

    /// <returns>The model's last words.</returns>
    /// <exception cref="AgentStoppedException">A budget is used up, or the model goes in circles.</exception>
    /// <exception cref="QuiltException">The provider's failure; Unavailable: the model answered with nothing.</exception>
    public async Task<string> RunAsync(string task, CancellationToken cancellation)
    {
        AgentResponse response = await _agent.RunAsync(task, cancellationToken: cancellation).ConfigureAwait(false);
        string answer = response.Messages.LastOrDefault()?.Text.Trim() ?? "";
        return answer.Length > 0 ? answer : throw new QuiltException(ErrorCode.Unavailable, "the model ended with neither a word nor a call", "try again, or use another model");
    }

    public void Dispose()
    {
        _invoking.Dispose();
        _http.Dispose();
    }
}
