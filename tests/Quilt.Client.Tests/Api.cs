namespace Quilt.Client.Tests;

/// <summary>What most tests do.</summary>
internal static class Api
{
    internal static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    internal static Task<QuiltContainer> Idle(this QuiltClient client) => client.RunContainerAsync(cancellationToken: Cancellation);

    internal static ContainerOptions Shell(string script) => new() { Command = ["sh", "-c", script] };

    internal static async Task<List<T>> All<T>(IAsyncEnumerable<T> items)
    {
        List<T> all = [];
        await foreach (T item in items.WithCancellation(Cancellation))
        {
            all.Add(item);
        }

        return all;
    }
}
