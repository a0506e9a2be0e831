namespace Quilt.Core;

/// <summary>How long somebody wants to wait, who may have given any time.</summary>
public static class TimerSpan
{
    /// <summary>The longest that a timer of the runtime can be set to: 49 days.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromMilliseconds(uint.MaxValue - 1);

    /// <summary>As much of it as a timer holds; what waits longer than that is not waited for.</summary>
    public static TimeSpan Of(TimeSpan time) => time < Longest ? time : Longest;
}
