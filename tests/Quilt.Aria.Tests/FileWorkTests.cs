using Quilt.Engine;
using Xunit;

namespace Quilt.Aria.Tests;

public sealed class FileWorkTests : IDisposable
{
    private readonly FileWork _work = new();
    private readonly ManualResetEventSlim _over = new();
    private int _running, _most;

    public void Dispose()
    {
        _over.Dispose();
        _work.Dispose();
    }

    [Fact]
    public async Task However_much_one_agent_asks_for_another_has_its_place_and_only_a_few_threads_are_held()
    {
        Task[] asked = [.. Enumerable.Range(0, 50).Select(_ => _work.RunAsync("one", Last, Cancellation))];
        Assert.Equal(5, await _work.RunAsync("other", () => 5, Cancellation));
        _over.Set();
        await Task.WhenAll(asked);
        Assert.InRange(_most, 1, 3);
    }

    [Fact]
    public async Task All_agents_together_hold_only_some_threads()
    {
        Task[] asked = [.. Enumerable.Range(0, 50).Select(i => _work.RunAsync($"agent {i}", Last, Cancellation))];
        _over.Set();
        await Task.WhenAll(asked);
        Assert.InRange(_most, 1, 8);
    }

    [Fact]
    public async Task Who_gives_up_and_what_fails_leave_their_places()
    {
        IDisposable[] held = [await Enter(), await Enter(), await Enter()];
        using CancellationTokenSource over = new();
        Task waiting = _work.RunAsync("one", () => 1, over.Token);
        await over.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        Array.ForEach(held, h => h.Dispose());
        for (int i = 0; i < 10; i++)
        {
            await Assert.ThrowsAsync<IOException>(() => _work.RunAsync<int>("one", () => throw new IOException(), Cancellation));
        }

        Task<IDisposable> Enter() => _work.EnterAsync("one", Cancellation);
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private int Last()
    {
        int now = Interlocked.Increment(ref _running);
        InterlockedMax(now);
        _over.Wait(Cancellation);
        return Interlocked.Decrement(ref _running);
    }

    private void InterlockedMax(int value)
    {
        for (int most = _most; value > most;)
        {
            most = Interlocked.CompareExchange(ref _most, value, most);
        }
    }
}
