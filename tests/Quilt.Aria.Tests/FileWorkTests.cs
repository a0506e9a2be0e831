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
    public async Task All_agents_together_have_only_some_places_and_who_gives_up_waiting_for_one_leaves_the_share()
    {
        IDisposable[] held = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => _work.EnterAsync($"agent {i}", Cancellation)));
        Task<IDisposable> ninth = _work.EnterAsync("another", Cancellation);
        using CancellationTokenSource over = new();
        Task<IDisposable>[] given = [.. Enumerable.Range(0, 3).Select(_ => _work.EnterAsync("one", over.Token))];
        Assert.All([ninth, .. given], t => Assert.False(t.IsCompleted));
        await over.CancelAsync();
        foreach (Task<IDisposable> each in given)
        {
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => each);
        }

        held[0].Dispose();
        using IDisposable place = await ninth;
        Array.ForEach(held[1..], h => h.Dispose());
        Assert.Equal(5, await _work.RunAsync("one", () => 5, Cancellation));
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
