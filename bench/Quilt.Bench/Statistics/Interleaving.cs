using System.Diagnostics;

namespace Quilt.Bench.Statistics;

/// <summary>One side of a measurement.</summary>
/// <param name="Round">Does once what is measured and answers with its value; what it prepares and clears is outside the value.</param>
internal sealed record Contender(string Side, Func<CancellationToken, Task<double>> Round);

/// <summary>How often each side is asked.</summary>
/// <param name="WarmUps">Rounds whose values are thrown away.</param>
internal sealed record Rounds(int WarmUps, int Counted);

/// <summary>Runs the sides of a measurement against each other, round by round, so that what else the machine does hits all alike.</summary>
internal static class Interleaving
{
    /// <summary>Each round begins with another side, so that none always runs in the wake of the same neighbour.</summary>
    public static async Task<IReadOnlyList<Samples>> RunAsync(IReadOnlyList<Contender> contenders, Rounds rounds, CancellationToken cancel)
    {
        Samples[] samples = [.. contenders.Select(c => new Samples(c.Side))];
        for (int round = -rounds.WarmUps; round < rounds.Counted; round++)
        {
            for (int i = 0; i < contenders.Count; i++)
            {
                cancel.ThrowIfCancellationRequested();
                int side = (i + round + rounds.WarmUps) % contenders.Count;
                if (samples[side].Failure is not null)
                {
                    continue;
                }

                await RunOneAsync(contenders[side], samples[side], round >= 0, cancel);
            }
        }

        return samples;
    }

    private static async Task RunOneAsync(Contender contender, Samples samples, bool counted, CancellationToken cancel)
    {
        // Our own garbage is collected here, outside the measured time.
        GC.Collect(0);
        try
        {
            double value = await contender.Round(cancel);
            if (counted)
            {
                samples.Add(value);
            }
        }
        catch (Exception e) when (!cancel.IsCancellationRequested)
        {
            samples.Fail(e.Message);
            await Console.Error.WriteLineAsync($"  {contender.Side} could not be measured: {e.Message}");
        }
    }

    /// <summary>Milliseconds by the monotonic clock.</summary>
    public static async Task<double> TimeAsync(Func<Task> act)
    {
        long start = Stopwatch.GetTimestamp();
        await act();
        return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
    }
}
