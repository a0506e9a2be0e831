using System.Text.Json;
using System.Text.Json.Serialization;
using Quilt.Bench.Statistics;

namespace Quilt.Bench.Results;

/// <summary>The report for machines, every sample of it.</summary>
[JsonSourceGenerationOptions(WriteIndented = true, PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ReportDocument))]
internal sealed partial class ReportJson : JsonSerializerContext
{
    public static string Write(Report report) => JsonSerializer.Serialize(
        new ReportDocument(
            report.Time, report.Kernel, report.Cpus, report.Processor, report.LoadAtStart, report.Sides, report.Rounds.Counted, report.Rounds.WarmUps,
            [.. report.Measurements.Select(m => new MeasurementDocument(m.Name, m.Title, m.Unit, m.Sides, m.Budget?.Describe(m.Unit), m.Budget?.IsMetBy(m), m.Note))]),
        Default.ReportDocument);
}

internal sealed record ReportDocument(
    DateTimeOffset Time, string Kernel, int Cpus, string Processor, double LoadAtStart, IReadOnlyList<string> Programs, int Rounds, int WarmUps,
    IReadOnlyList<MeasurementDocument> Measurements);

internal sealed record MeasurementDocument(string Name, string Title, string Unit, IReadOnlyList<Samples> Sides, string? Budget, bool? Met, string? Note);
