namespace Quilt.Engine;

/// <summary>What happened in a container within the last while.</summary>
/// <param name="First">At its beginning.</param>
/// <param name="Last">Now.</param>
/// <param name="MemoryLeastBytes">Of what was seen, each second.</param>
public sealed record UsageWindow(UsageSample First, UsageSample Last, ulong MemoryLeastBytes, ulong MemoryMostBytes, ulong PidsMost)
{
    public TimeSpan Length => Last.At - First.At;

    /// <param name="samples">In order, one at least: the window is all that they span.</param>
    internal static UsageWindow Of(IReadOnlyList<UsageSample> samples) =>
        new(samples[0], samples[^1], samples.Min(s => s.MemoryBytes), samples.Max(s => s.MemoryBytes), samples.Max(s => s.Pids));
}
