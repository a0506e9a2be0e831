using Quilt.Core;
using Xunit;

namespace Quilt.Unit.Tests;

/// <summary>How long it is until the next try.</summary>
public sealed class GrowingPauseTests
{
    private readonly ManualTime _time = new();

    [Fact]
    public async Task Each_is_twice_as_long_up_to_the_bound()
    {
        GrowingPause pause = New();
        foreach (double seconds in (double[])[1, 2, 4, 5, 5])
        {
            Task<bool> waiting = pause.WaitAsync(CancellationToken.None);
            _time.Advance(TimeSpan.FromSeconds(seconds - 0.5));
            Assert.False(waiting.IsCompleted);
            _time.Advance(TimeSpan.FromSeconds(0.5));
            Assert.True(await waiting);
        }
    }

    [Fact]
    public async Task It_ends_at_once_where_nothing_is_to_be_tried_any_more()
    {
        using CancellationTokenSource over = new();
        GrowingPause pause = New();
        Task<bool> waiting = pause.WaitAsync(over.Token);
        await over.CancelAsync();
        Assert.False(await waiting);
        Assert.False(await pause.WaitAsync(over.Token));
    }

    private GrowingPause New() => new(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(5), _time);
}
