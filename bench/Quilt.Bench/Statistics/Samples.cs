using System.Text.Json.Serialization;

namespace Quilt.Bench.Statistics;

/// <summary>What one side's rounds gave, in the measurement's unit.</summary>
internal sealed class Samples(string side)
{
    private readonly List<double> _values = [];

    public string Side => side;
    public IReadOnlyList<double> Values => _values;
    public double P50 => Percentile(0.5);
    public double P95 => Percentile(0.95);
    public double P99 => Percentile(0.99);

    /// <summary>What kept this side from being measured; null where it was.</summary>
    public string? Failure { get; private set; }

    [JsonIgnore]
    public bool IsMeasured => Failure is null && _values.Count > 0;

    public void Add(double value) => _values.Add(value);

    public void Fail(string reason) => Failure = reason;

    /// <summary>The nearest rank: a value that was measured, never one between two.</summary>
    private double Percentile(double part)
    {
        if (_values.Count == 0)
        {
            return 0;
        }

        double[] sorted = [.. _values.Order()];
        return sorted[Math.Max(0, (int)Math.Ceiling(part * sorted.Length) - 1)];
    }
}
