using Quilt.Core;

namespace Quilt.Cli;

/// <summary>Rows in aligned columns, the last one unpadded.</summary>
internal sealed class TextTable(params string[] headings)
{
    private const int Gap = 2;
    private readonly List<string[]> _rows = [];

    /// <summary>Cells are often others' words: nothing of them moves the terminal's cursor. Colours come by <see cref="Write"/>'s paint.</summary>
    internal void Add(params string[] cells) => _rows.Add(Array.ConvertAll(cells, Text.Escaped));

    /// <param name="paint">Colours a padded cell by its column and its text.</param>
    internal void Write(TextWriter to, Style style, Func<int, string, string>? paint = null)
    {
        int[] widths = new int[headings.Length];
        foreach (string[] row in _rows.Prepend(headings))
        {
            for (int i = 0; i < row.Length; i++)
            {
                widths[i] = Math.Max(widths[i], row[i].Length);
            }
        }

        WriteRow(to, headings, widths, (_, text) => style.Heading(text));
        foreach (string[] row in _rows)
        {
            WriteRow(to, row, widths, paint);
        }
    }

    private static void WriteRow(TextWriter to, string[] row, int[] widths, Func<int, string, string>? paint)
    {
        for (int i = 0; i < row.Length; i++)
        {
            to.Write(paint is null ? row[i] : paint(i, row[i]));
            if (i < row.Length - 1)
            {
                to.Write(new string(' ', widths[i] - row[i].Length + Gap));
            }
        }

        to.WriteLine();
    }
}
