namespace Quilt.Registry;

/// <summary>How often one thing is tried, and how long is waited in between: doubled each time, less up to a half by chance.</summary>
internal sealed class RetryBudget(TransferPolicy policy, int attempts)
{
    private int _failures;

    /// <summary>Waits until the next try is due; throws the failure where there is none.</summary>
    internal async Task SpendAsync(Failure failure, CancellationToken cancellation)
    {
        _failures++;
        if (!failure.MayPass || _failures >= attempts || failure.Wait > policy.LongestPause)
        {
            throw failure.Error;
        }

        double chance = 0.5 + (Random.Shared.NextDouble() / 2);
        TimeSpan pause = failure.Wait ?? policy.FirstPause * (Math.Pow(2, _failures - 1) * chance);
        await Task.Delay(pause < policy.LongestPause ? pause : policy.LongestPause, cancellation).ConfigureAwait(false);
    }

    /// <summary>It went on: what comes next is another matter.</summary>
    internal void Renew() => _failures = 0;
}
