namespace Quilt.Testing;

/// <summary>Fails where more is left of a test than was there before. What goes by itself is given time to.</summary>
/// <example><c>await using LeakCheck leaks = new();</c> as a test's first line.</example>
/// <param name="concerns">Which mounts and groups may be ours, on a machine where others work too; null is all of them.</param>
public sealed class LeakCheck(Func<string, bool>? concerns = null) : IAsyncDisposable
{
    private readonly HostState _before = HostState.Now();

    public async ValueTask DisposeAsync()
    {
        IReadOnlyList<string> left = [];
        try
        {
            await Deadline.Until(() => (left = Left()).Count == 0, TimeSpan.FromSeconds(5)).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            throw new LeakException(left);
        }
    }

    /// <summary>What is there now and was not before.</summary>
    public IReadOnlyList<string> Left()
    {
        HostState now = HostState.Now();
        return
        [
            .. now.Mounts.Except(_before.Mounts).Where(Concerns).Select(m => $"mount {m}"),
            .. now.Cgroups.Except(_before.Cgroups).Where(Concerns).Select(c => $"cgroup {c}"),
            .. now.Processes.Except(_before.Processes).Select(p => $"process {p.Pid}"),
        ];
    }

    private bool Concerns(string thing) => concerns is null || concerns(thing);
}

/// <summary>A test left something on the machine.</summary>
public sealed class LeakException(IReadOnlyList<string> left) : Exception("left behind: " + string.Join("; ", left));
