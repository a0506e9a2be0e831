using Quilt.Cognition;

namespace Quilt.Aria;

/// <summary>The language model and what else the cognitive tools are given, as the operator configured it.</summary>
/// <param name="confine">Puts a process of theirs within its limits.</param>
public sealed class CognitionService(CognitionProcess process, CognitionConfig config, Quotas quotas, Action<int>? confine)
{
    /// <exception cref="Core.QuiltException">ResourceExhausted: too many of its agent's run; and as the tool says.</exception>
    internal async Task<TResult> CallAsync<TArguments, TResult>(Quilt.Cognition.CognitiveTool<TArguments, TResult> tool, TArguments arguments, ToolContext context, CancellationToken cancellation)
    {
        using IDisposable? running = quotas.EnterCognitive(context.Caller.Agent);
        using CancellationTokenSource done = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        Task telling = ProgressTicks.RunAsync(context.Progress, $"{tool.Name} is thinking", null, done.Token);
        try
        {
            return await process.Call(tool, arguments, config, confine, cancellation).ConfigureAwait(false);
        }
        finally
        {
            await done.CancelAsync().ConfigureAwait(false);
            await telling.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
