using Quilt.Core;
using Xunit;

namespace Quilt.Unit.Tests;

public sealed class KeyedLocksTests
{
    private const string Key = "key";

    [Fact]
    public async Task What_is_taken_or_waited_for_is_not_taken_in_passing_and_what_was_keeps_others_waiting()
    {
        KeyedLocks<string> locks = new();
        Task<IDisposable> waiting;
        using (IDisposable first = await locks.TakeAsync(Key, TestContext.Current.CancellationToken))
        {
            Assert.Null(locks.TryTake(Key));
        }

        using (IDisposable? passing = locks.TryTake(Key))
        {
            Assert.NotNull(passing);
            waiting = locks.TakeAsync(Key, TestContext.Current.CancellationToken);
            Assert.False(waiting.IsCompleted);
        }

        (await waiting).Dispose();
        Assert.NotNull(locks.TryTake(Key));
    }
}
