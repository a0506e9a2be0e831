using Quilt.Cognition;

namespace Quilt.Aria;

/// <summary>A tool that a process of its own does: what speaks with providers and reads documents is never the daemon.</summary>
public abstract class CognitiveTool<TArguments, TResult>(Quilt.Cognition.CognitiveTool<TArguments, TResult> contract, CognitionService cognition)
    : Tool<TArguments, TResult>(contract.Arguments, contract.Result)
    where TArguments : class
    where TResult : class
{
    protected sealed override Task<TResult> RunAsync(TArguments arguments, ToolContext context, CancellationToken cancellation) => cognition.CallAsync(contract, arguments, context, cancellation);
}
