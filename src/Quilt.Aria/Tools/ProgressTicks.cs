namespace Quilt.Aria;

/// <summary>Tells that something is still waited for: a client that hears nothing may think that nobody is there.</summary>
internal static class ProgressTicks
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(5);

    /// <param name="most">How long at most; null where it is not known.</param>
    /// <param name="cancellation">Ends it.</param>
    internal static async Task RunAsync(IProgress<ToolProgress>? progress, string what, TimeSpan? most, CancellationToken cancellation)
    {
        if (progress is null)
        {
            return;
        }

        using PeriodicTimer timer = new(Every);
        TimeSpan waited = TimeSpan.Zero;
        do
        {
            progress.Report(new ToolProgress(waited.TotalSeconds, most?.TotalSeconds, what));
            waited += Every;
        }
        while (await timer.WaitForNextTickAsync(cancellation).ConfigureAwait(false));
    }
}
