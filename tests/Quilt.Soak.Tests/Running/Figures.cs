using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace Quilt.Soak.Tests;

/// <summary>What has been done so far, counted by whoever does it.</summary>
internal sealed class Figures
{
    private readonly Stopwatch _elapsed = Stopwatch.StartNew();
    private readonly ConcurrentDictionary<string, long> _counts = new(StringComparer.Ordinal);
    private readonly ConcurrentBag<double> _starts = [];
    private int _worked;
    private TimeSpan _working;

    internal TimeSpan Elapsed => _elapsed.Elapsed;

    internal void Count(string what, long by = 1) => _counts.AddOrUpdate(what, by, (_, had) => had + by);

    internal long Of(string what) => _counts.GetValueOrDefault(what);

    /// <summary>How often something disturbed the work.</summary>
    internal long Disturbances => _counts.Where(c => c.Key.StartsWith("disturbance ", StringComparison.Ordinal)).Sum(c => c.Value);

    /// <summary>So many lifecycles took so long, the counting afterwards left out.</summary>
    internal void Worked(int lifecycles, TimeSpan took) => (_worked, _working) = (_worked + lifecycles, _working + took);

    /// <summary>A container was made and ran, and so long it took.</summary>
    internal void Started(TimeSpan took) => _starts.Add(took.TotalMilliseconds);

    public override string ToString()
    {
        StringBuilder text = new();
        Line($"{_worked} lifecycles in {_working.TotalSeconds:0.0} s, {_worked / Math.Max(0.001, _working.TotalSeconds):0.0} a second; {Of("requests")} requests");
        double[] starts = [.. _starts.Order()];
        if (starts.Length > 0)
        {
            Line($"create + start: {starts.Length}, p50 {At(0.5):0.0} ms, p99 {At(0.99):0.0} ms, most {starts[^1]:0.0} ms");
        }

        foreach (string group in (string[])["disturbance", "interrupted", "refused", "unsure", "step"])
        {
            string[] all = [.. _counts.Where(c => c.Key.StartsWith(group + " ", StringComparison.Ordinal)).OrderBy(c => c.Key, StringComparer.Ordinal).Select(c => $"{c.Key[(group.Length + 1)..]} {c.Value}")];
            if (all.Length > 0)
            {
                Line($"{group}: {string.Join(", ", all)}");
            }
        }

        return text.ToString().TrimEnd();

        double At(double part) => starts[(int)Math.Min(starts.Length - 1, part * starts.Length)];

        void Line(FormattableString line) => text.Append("  ").AppendLine(line.ToString(CultureInfo.InvariantCulture));
    }
}
