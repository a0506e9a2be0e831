using System.Text.Json.Nodes;
using Microsoft.Extensions.AI;
using Quilt.Core;

namespace Quilt.Cognition;

/// <summary>The model between the loop and its provider: each request is counted, bounded, told, repeated where that may help, and stopped where the model goes in circles.</summary>
internal sealed class WatchedChatClient(
    IChatClient provider, ModelConfig model, ProviderFailure failure, AgentBudget budget, Secrets secrets, AgentTools tools, Action<AgentEvent> tell, TimeProvider time)
    : DelegatingChatClient(provider)
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(15), FirstPause = TimeSpan.FromSeconds(1), LongestPause = TimeSpan.FromMinutes(1);

    /// <summary>It has answered: its configuration is right, and there is work that would be lost.</summary>
    private bool _hasAnswered;

    internal int Requests { get; private set; }
    internal long InputTokens { get; private set; }
    internal long OutputTokens { get; private set; }

    /// <exception cref="AgentStoppedException">A budget is used up, or the model goes in circles.</exception>
    /// <exception cref="QuiltException">The provider's failure.</exception>
    public override async Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        ChatMessage[] conversation = [.. messages];
        tools.TellUnknown(conversation);
        Stop(conversation);
        Requests++;
        ChatResponse response = await AskAsync(conversation, options, cancellationToken).ConfigureAwait(false);
        _hasAnswered = true;
        (long input, long output) = (response.Usage?.InputTokenCount ?? 0, response.Usage?.OutputTokenCount ?? 0);
        (InputTokens, OutputTokens) = (InputTokens + input, OutputTokens + output);
        foreach (FunctionCallContent call in response.Messages.SelectMany(m => m.Contents).OfType<FunctionCallContent>())
        {
            tools.Clean(call); // what it makes known is in no word that is told
        }

        if (response.Text.Trim() is { Length: > 0 } text)
        {
            tell(new AgentEvent.Said(secrets.Clean(text)));
        }

        tell(new AgentEvent.Used(Requests, input, output));
        CheckEnd(response);
        return response;
    }

    /// <summary>A failure that may pass ends no run: the request is repeated, as the provider asks for or more and more rarely.</summary>
    private async Task<ChatResponse> AskAsync(ChatMessage[] conversation, ChatOptions? options, CancellationToken cancellation)
    {
        long began = time.GetTimestamp();
        for (TimeSpan pause = FirstPause; ; pause = pause < LongestPause / 2 ? pause * 2 : LongestPause)
        {
            try
            {
                return await failure.Guard(TimeSpan.FromSeconds(model.TimeoutSeconds), limited => base.GetResponseAsync(conversation, options, limited), cancellation).ConfigureAwait(false);
            }
            catch (QuiltException e) when (_hasAnswered && ProviderFailure.MayPass(e))
            {
                TimeSpan wait = ProviderException.In(e)?.RetryAfter is { } asked && asked > pause ? asked : pause;
                if (time.GetElapsedTime(began) + wait > Patience)
                {
                    throw;
                }

                tell(new AgentEvent.Delayed(secrets.Clean(e.Message), wait));
                await Task.Delay(wait, time, cancellation).ConfigureAwait(false);
            }
        }
    }

    private void Stop(IReadOnlyList<ChatMessage> conversation)
    {
        if (Repetition.Find(conversation) is { } tool)
        {
            throw new AgentStoppedException($"the model goes in circles: {tool} was called {Repetition.Often} times in a row with the same arguments and the same result", "say more in the task or the systemPrompt, or use another model");
        }

        if (Requests >= budget.Requests)
        {
            throw new AgentStoppedException($"the model was asked {Requests} times and is not done", "raise maxIterations in the agent's configuration, or ask for less");
        }

        if (budget.Tokens is { } most && InputTokens + OutputTokens >= most)
        {
            throw new AgentStoppedException($"{InputTokens + OutputTokens} tokens are used, of {most}, and the model is not done", "raise --max-tokens, or ask for less");
        }
    }

    private static void CheckEnd(ChatResponse response)
    {
        if (response.FinishReason == ChatFinishReason.Length)
        {
            throw new QuiltException(ErrorCode.ResourceExhausted, "the model's answer is longer than the limit of output tokens", "raise model.maxOutputTokens in the agent's configuration, or ask for less");
        }

        if (response.FinishReason == ChatFinishReason.ContentFilter)
        {
            throw new QuiltException(ErrorCode.FailedPrecondition, "the model provider declines to answer this", "ask in other words");
        }
    }
}
