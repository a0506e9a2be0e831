using Quilt.Testing;

namespace Quilt.Build.Tests.Execution;

public sealed class CacheMountTests
{
    [Fact]
    public async Task A_cache_that_is_being_filled_keeps_nobody_waiting_but_who_wants_the_same()
    {
        CancellationToken cancellation = TestContext.Current.CancellationToken;
        using TemporaryFolder folder = new();
        CacheMounts caches = new(folder.Path);
        TaskCompletionSource begun = new(), mayEnd = new();
        int filled = 0;
        Task<CacheMounts.Use> first = Acquire("large", () =>
        {
            begun.SetResult();
            mayEnd.Task.Wait(cancellation);
            Interlocked.Increment(ref filled);
        });
        await begun.Task;
        Task<CacheMounts.Use> second = Acquire("large", () => Interlocked.Increment(ref filled));

        CacheMounts.Use small = await Acquire("small", () => { }).WaitAsync(TimeSpan.FromMinutes(1), cancellation);
        Assert.True(Directory.Exists(small.Folder));
        small.Dispose();
        caches.Remove(DateTimeOffset.MaxValue);
        Assert.False(Directory.Exists(small.Folder) || first.IsCompleted || second.IsCompleted);

        mayEnd.SetResult();
        using CacheMounts.Use one = await first, other = await second;
        Assert.Equal((one.Folder, 1), (other.Folder, filled));
        Assert.True(Directory.Exists(one.Folder));

        Task<CacheMounts.Use> Acquire(string name, Action fill) => Task.Run(() => caches.AcquireAsync(name, CacheSharing.Shared, _ => fill(), cancellation));
    }
}
