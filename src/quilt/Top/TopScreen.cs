using System.Globalization;
using Quilt.Api.V1;
using Quilt.Linux;
using TerminalSize = Quilt.Linux.TerminalSize;

namespace Quilt.Cli;

/// <summary>Draws top's picture as the lines of a screen.</summary>
internal static class TopScreen
{
    private const int LeastColumns = 20, LeastRows = 4, HeadLines = 2;
    private const string Keys = "q quit  ↑↓ select  enter only that one  sort: c cpu  m memory  p pids  d disk  t network  n name  r reverse";
    private static readonly (string Heading, int Width, TopKey Sort)[] Columns =
    [
        ("NAME", 20, TopKey.SortByName), ("STATE", 9, TopKey.None), ("CPU", 8, TopKey.SortByCpu), ("MEMORY", 10, TopKey.SortByMemory), ("LIMIT", 10, TopKey.None),
        ("PIDS", 10, TopKey.SortByPids), ("READ", 10, TopKey.SortByDisk), ("WRITTEN", 10, TopKey.SortByDisk), ("RECEIVED", 10, TopKey.SortByNetwork), ("SENT", 10, TopKey.SortByNetwork),
        ("WAITED", 11, TopKey.None),
    ];

    /// <summary>As many lines as the screen has at most, none wider than it.</summary>
    internal static IReadOnlyList<string> Draw(TopPicture picture, TerminalSize size, Style style, DateTimeOffset now)
    {
        (int columns, int rows) = (Math.Max(LeastColumns, (int)size.Columns), Math.Max(LeastRows, (int)size.Rows));
        string Fit(string text) => Fitted(text, columns);
        int running = picture.Rows.Count(r => r.Used is not null);
        List<string> lines =
        [
            style.Heading(Fit($"quilt top  {now.ToLocalTime().ToString("HH:mm:ss", CultureInfo.InvariantCulture)}  {picture.Rows.Count} containers, {running} running  CPU {StatsCommand.Percent(picture.Rows.Sum(r => r.Used?.CpuPercent ?? 0))}  memory {StatsCommand.Size((ulong)picture.Rows.Sum(r => (decimal)(r.Used?.MemoryBytes ?? 0)))}")),
            style.Heading(Fit(string.Concat(Columns.Select(c => Cell(c.Heading + (c.Sort == picture.Sort ? picture.Reversed ? "▲" : "▼" : ""), c.Width))))),
        ];

        // Containers have up to half of the screen; the rest is for what happens between them and to them.
        int left = rows - HeadLines - 1, forRows = picture.Edges.Count + picture.Events.Count == 0 ? left : Math.Max(1, left / 2);
        int selected = Math.Max(0, picture.Rows.ToList().FindIndex(r => r.Container.Id == picture.Selected));
        int first = Math.Max(0, Math.Min(selected - (forRows / 2), picture.Rows.Count - forRows));
        foreach (TopRow row in picture.Rows.Skip(first).Take(forRows))
        {
            string line = Fit(Row(row));
            lines.Add(row.Container.Id == picture.Selected ? $"\e[7m{line.PadRight(columns)}\e[0m" : row.Used is null ? style.Faint(line) : line);
        }

        string whose = picture.OnlySelected ? " of the selected container" : "";
        AddPart(lines, $"EDGES{whose}", [.. picture.Edges.Select(e => e.Text)], Math.Max(0, (rows - lines.Count - 1) / 2), fromEnd: false, Fit, style);
        AddPart(lines, $"EVENTS{whose}", [.. picture.Events.Select(Text)], rows - lines.Count - 1, fromEnd: true, Fit, style);
        while (lines.Count < rows - 1)
        {
            lines.Add("");
        }

        lines.Add(style.Faint(Fit(Keys)));
        return lines;
    }

    private static void AddPart(List<string> lines, string heading, IReadOnlyList<string> texts, int room, bool fromEnd, Func<string, string> fit, Style style)
    {
        if (texts.Count == 0 || room < HeadLines)
        {
            return;
        }

        lines.Add(style.Heading(fit(heading)));
        int shown = Math.Min(room - 1, texts.Count);
        lines.AddRange(texts.Skip(fromEnd ? texts.Count - shown : 0).Take(shown).Select(fit));
    }

    private static string Row(TopRow row)
    {
        ContainerStats? s = row.Used;
        string[] cells = s is null
            ? [row.Container.Name, ViewOf.State(row.Container.State)]
            :
            [
                row.Container.Name, ViewOf.State(row.Container.State), StatsCommand.Percent(s.CpuPercent), StatsCommand.Size(s.MemoryBytes), StatsCommand.Limit(s),
                StatsCommand.Pids(s), StatsCommand.Size(s.IoReadBytes), StatsCommand.Size(s.IoWriteBytes),
                StatsCommand.Size(s.NetworkReceivedBytes), StatsCommand.Size(s.NetworkSentBytes), StatsCommand.Waited(s),
            ];
        return string.Concat(cells.Select((c, i) => Cell(c, Columns[i].Width)));
    }

    private static string Text(Event e)
    {
        string attributes = string.Concat(e.Attributes.Where(a => a.Value.Length > 0).OrderBy(a => a.Key, StringComparer.Ordinal).Select(a => $" {a.Key}={a.Value}"));
        return $"{e.Time.ToDateTimeOffset().ToLocalTime().ToString("HH:mm:ss", CultureInfo.InvariantCulture)}  {e.Type,-24}  {e.Name}{attributes}";
    }

    /// <summary>One space at least is between it and the next.</summary>
    private static string Cell(string text, int width) => Fitted(text, width - 1).PadRight(width);

    /// <summary>Names and attributes are others' words: nothing of them moves the cursor.</summary>
    private static string Fitted(string text, int width)
    {
        string plain = string.Create(text.Length, text, (to, from) =>
        {
            for (int i = 0; i < from.Length; i++)
            {
                to[i] = char.IsControl(from[i]) || CharUnicodeInfo.GetUnicodeCategory(from[i]) == UnicodeCategory.Format ? '?' : from[i];
            }
        });
        return plain.Length <= width ? plain : plain[..(width - 1)] + "…";
    }
}
