using System.Globalization;
using System.Text;
using Quilt.Bench.Statistics;

namespace Quilt.Bench.Results;

/// <summary>The report as a Markdown table, aligned so that it reads in a terminal too.</summary>
internal static class ReportTable
{
    public static string Write(Report report)
    {
        string[] peers = [.. Report.SideOrder.Skip(1).Where(name => report.Measurements.Any(m => m.Side(name) is not null))];
        List<string[]> rows = [["what", "quilt p50", "p95", .. peers, "budget", "met"]];
        rows.AddRange(report.Measurements.Select(m => Row(m, peers)));
        StringBuilder text = new();
        text.AppendLine(CultureInfo.InvariantCulture, $"{report.Time:yyyy-MM-dd HH:mm} UTC, Linux {report.Kernel}, {report.Cpus} × {report.Processor}, load {report.LoadAtStart:0.0} at the start");
        text.AppendLine(string.Join(", ", report.Sides));
        text.AppendLine(CultureInfo.InvariantCulture, $"{report.Rounds.Counted} rounds after {report.Rounds.WarmUps} to warm up, sides interleaved; p50, and in parentheses how many times ours a peer takes");
        text.AppendLine();
        WriteRows(text, rows);
        foreach (Measurement measurement in report.Measurements.Where(m => m.Note is { Length: > 0 }))
        {
            text.AppendLine().Append("- ").Append(measurement.Title).Append(": ").Append(measurement.Note);
        }

        foreach ((Measurement measurement, Samples side) in report.Measurements.SelectMany(m => m.Sides.Where(s => s.Failure is not null).Select(s => (m, s))))
        {
            text.AppendLine().Append("- ").Append(measurement.Title).Append(", ").Append(side.Side).Append(" not measured: ").Append(side.Failure);
        }

        return text.AppendLine().ToString();
    }

    public static string Number(double value) => value switch
    {
        >= 100 or <= -100 => value.ToString("0", CultureInfo.InvariantCulture),
        >= 10 or <= -10 => value.ToString("0.0", CultureInfo.InvariantCulture),
        _ => value.ToString("0.00", CultureInfo.InvariantCulture),
    };

    private static string[] Row(Measurement m, IReadOnlyList<string> peers) =>
    [
        m.Unit.Length == 0 ? m.Title : $"{m.Title} ({m.Unit})",
        m.Ours is { } ours ? Number(ours.P50) : "",
        m.Ours is { Values.Count: > 1 } many ? Number(many.P95) : "",
        .. peers.Select(p => Cell(m, m.Side(p))),
        m.Budget?.Describe(m.Unit) ?? "",
        m.Budget?.IsMetBy(m) switch { true => "yes", false => "NO", null => "" },
    ];

    private static string Cell(Measurement m, Samples? peer) => (peer, m.Ours) switch
    {
        (null, _) => "",
        ({ } other, { P50: > 0 } ours) => $"{Number(other.P50)} (×{Number(other.P50 / ours.P50)})",
        ({ } other, _) => Number(other.P50),
    };

    private static void WriteRows(StringBuilder text, List<string[]> rows)
    {
        int[] widths = [.. Enumerable.Range(0, rows[0].Length).Select(c => rows.Max(r => r[c].Length))];
        for (int i = 0; i < rows.Count; i++)
        {
            text.Append("| ").AppendJoin(" | ", rows[i].Select((cell, c) => c == 0 ? cell.PadRight(widths[c]) : cell.PadLeft(widths[c]))).AppendLine(" |");
            if (i == 0)
            {
                text.Append('|').AppendJoin('|', widths.Select((w, c) => c == 0 ? new string('-', w + 2) : new string('-', w + 1) + ":")).AppendLine("|");
            }
        }
    }
}
