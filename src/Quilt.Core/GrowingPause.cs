namespace Quilt.Core;

/// <summary>Between tries of what cannot be done for a while, such as where the host lacks something: twice as long each time, up to a bound.</summary>
public sealed class GrowingPause(TimeSpan first, TimeSpan longest, TimeProvider? time = null)
{
    private TimeSpan _next = first;

    /// <returns>False once it is over, at once then: nothing is to be tried any more.</returns>
    public async Task<bool> WaitAsync(CancellationToken over)
    {
        await Task.Delay(_next, time ?? TimeProvider.System, over).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _next = _next < longest / 2 ? _next * 2 : longest;
        return !over.IsCancellationRequested;
    }
}
