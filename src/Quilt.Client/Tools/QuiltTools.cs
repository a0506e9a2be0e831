using Microsoft.Extensions.AI;

namespace Quilt.Client;

/// <summary>Quilt's tools for a language model that Microsoft.Extensions.AI talks to.</summary>
public sealed class QuiltTools(QuiltClient client)
{
    /// <summary>
    /// Each tool that the caller has been granted, as a function that a model can call. A failure is the function's result,
    /// <c>{code, message, field, remedy}</c>, for the model to act on; a cancelled call throws as ever.
    /// </summary>
    /// <param name="scope"><c>primitive</c> or <c>cognitive</c>; null: both.</param>
    /// <param name="level">At most this: <c>safe</c>, <c>limited</c>, <c>elevated</c> or <c>dangerous</c>; null: all that are granted.</param>
    public async Task<IReadOnlyList<AIFunction>> GetAIFunctionsAsync(string? scope = null, string? level = null, CancellationToken cancellationToken = default) =>
        [.. (await client.ListToolsAsync(scope, level, cancellationToken).ConfigureAwait(false)).Select(t => new QuiltFunction(client, t))];
}
