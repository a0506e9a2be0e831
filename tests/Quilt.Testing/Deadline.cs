using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace Quilt.Testing;

/// <summary>Waiting for what must come true, where nothing tells us that it did.</summary>
public static class Deadline
{
    private static readonly TimeSpan Usual = TimeSpan.FromSeconds(10), Step = TimeSpan.FromMilliseconds(2);

    /// <exception cref="TimeoutException">It did not, and names what was waited for.</exception>
    public static async Task Until(Func<bool> condition, TimeSpan? within = null, [CallerArgumentExpression(nameof(condition))] string what = "")
    {
        TimeSpan limit = (within ?? Usual) * Slowness.Factor;
        Stopwatch elapsed = Stopwatch.StartNew();
        while (!condition())
        {
            if (elapsed.Elapsed > limit)
            {
                throw new TimeoutException($"after {limit.TotalSeconds:0.#} s still not: {what}");
            }

            await Task.Delay(Step).ConfigureAwait(false);
        }
    }
}
