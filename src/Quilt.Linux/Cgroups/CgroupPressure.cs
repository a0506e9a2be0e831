using System.Globalization;

namespace Quilt.Linux;

/// <summary>How long a group's processes waited for what (Documentation/accounting/psi.rst).</summary>
public sealed record CgroupPressure(StallMeter Cpu, StallMeter Memory, StallMeter Io);

/// <param name="SomePercent">Of the last 10 s, in which at least one waited.</param>
/// <param name="FullPercent">Of the last 10 s, in which none got on.</param>
/// <param name="SomeMicros">In all.</param>
public readonly record struct StallMeter(double SomePercent, double FullPercent, ulong SomeMicros, ulong FullMicros)
{
    /// <summary>Of <c>some avg10=0.00 avg60=0.00 avg300=0.00 total=0</c> and a line of <c>full</c>, which cpu has not always.</summary>
    public static StallMeter Read(string text)
    {
        string[] lines = text.Split('\n');
        string some = Array.Find(lines, l => l.StartsWith("some ", StringComparison.Ordinal)) ?? "", full = Array.Find(lines, l => l.StartsWith("full ", StringComparison.Ordinal)) ?? "";
        return new StallMeter(Number(some, "avg10="), Number(full, "avg10="), (ulong)Number(some, "total="), (ulong)Number(full, "total="));
    }

    private static double Number(string line, string mark) =>
        Array.Find(line.Split(' '), p => p.StartsWith(mark, StringComparison.Ordinal)) is { } part && double.TryParse(part.AsSpan(mark.Length), CultureInfo.InvariantCulture, out double number) ? number : 0;
}
