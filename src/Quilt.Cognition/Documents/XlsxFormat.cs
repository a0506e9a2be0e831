using System.Globalization;
using DocumentFormat.OpenXml;
using DocumentFormat.OpenXml.Packaging;
using DocumentFormat.OpenXml.Spreadsheet;

namespace Quilt.Cognition;

/// <summary>A workbook: each sheet a table of the values as they are stored (a date is a number of days), row after row.</summary>
internal sealed class XlsxFormat : IDocumentFormat
{
    private const int MaxColumns = 1_000, MaxSharedChars = 64 << 20;

    public void Read(byte[] document, DocumentText text, DocumentRequest request)
    {
        OfficePackage.Measure(document, request);
        using MemoryStream stream = OfficePackage.Copy(document);
        using SpreadsheetDocument workbook = SpreadsheetDocument.Open(stream, isEditable: true, OfficePackage.Settings);
        OfficePackage.Describe(workbook, text);
        WorkbookPart main = workbook.WorkbookPart ?? throw new InvalidDataException("it has no workbook");
        List<string> shared = SharedStrings(main);
        int count = 0;
        foreach (Sheet sheet in main.Workbook?.Sheets?.Elements<Sheet>() ?? [])
        {
            count++;
            if (!text.IsFull && sheet.Id?.Value is { } id && main.TryGetPartById(id, out OpenXmlPart? part) && part is WorksheetPart worksheet)
            {
                string name = sheet.Name?.Value ?? $"{count}";
                text.EndLine();
                text.Section("sheet", 1, name);
                text.AppendLine($"# {name}");
                ReadSheet(worksheet, name, shared, text);
            }
        }

        text.Metadata("sheets", $"{count}");
    }

    private static List<string> SharedStrings(WorkbookPart main)
    {
        List<string> strings = [];
        if (main.SharedStringTablePart is not { } part)
        {
            return strings;
        }

        long chars = 0;
        using OpenXmlReader reader = OpenXmlReader.Create(part);
        while (reader.Read())
        {
            if (reader.IsStartElement && reader.ElementType == typeof(SharedStringItem))
            {
                string text = PlainText((SharedStringItem)reader.LoadCurrentElement()!);
                chars += text.Length;
                if (chars > MaxSharedChars)
                {
                    throw new InvalidDataException($"its strings are longer than {MaxSharedChars} characters");
                }

                strings.Add(text);
            }
        }

        return strings;
    }

    /// <summary>A string without its phonetic guide.</summary>
    private static string PlainText(OpenXmlElement item) => string.Concat(item.Descendants<Text>().Where(t => t.Parent is not PhoneticRun).Select(t => t.Text));

    private static void ReadSheet(WorksheetPart sheet, string name, List<string> shared, DocumentText text)
    {
        DocumentTableBuilder table = text.Table(name);
        using OpenXmlReader reader = OpenXmlReader.Create(sheet);
        while (!text.IsFull && reader.Read())
        {
            if (reader.IsStartElement && reader.ElementType == typeof(Row))
            {
                List<string> cells = Cells((Row)reader.LoadCurrentElement()!, shared, text);
                if (cells.Count > 0)
                {
                    table.Row(cells);
                }
            }
        }

        table.End();
    }

    private static List<string> Cells(Row row, List<string> shared, DocumentText text)
    {
        List<string> cells = [];
        foreach (Cell cell in row.Elements<Cell>())
        {
            int column = ColumnOf(cell.CellReference?.Value) ?? cells.Count;
            if (column >= MaxColumns)
            {
                text.Warn($"columns after the first {MaxColumns} are left out");
                break;
            }

            while (cells.Count < column)
            {
                cells.Add("");
            }

            string value = Value(cell, shared);
            if (column < cells.Count)
            {
                cells[column] = value;
            }
            else
            {
                cells.Add(value);
            }
        }

        return cells;
    }

    /// <summary>The column's index from 0 of a reference such as <c>AB12</c>; null where it is none.</summary>
    private static int? ColumnOf(string? reference)
    {
        int column = 0;
        foreach (char c in reference ?? "")
        {
            if (c is < 'A' or > 'Z' || column > MaxColumns)
            {
                break;
            }

            column = (column * 26) + (c - 'A' + 1);
        }

        return column == 0 ? null : column - 1;
    }

    private static string Value(Cell cell, List<string> shared)
    {
        string raw = cell.CellValue?.Text ?? "";
        if (cell.DataType?.Value == CellValues.SharedString)
        {
            return int.TryParse(raw, NumberStyles.None, CultureInfo.InvariantCulture, out int index) && index < shared.Count ? shared[index] : "";
        }

        return cell.DataType?.Value == CellValues.InlineString ? (cell.InlineString is { } inline ? PlainText(inline) : "")
            : cell.DataType?.Value == CellValues.Boolean ? (raw == "1" ? "TRUE" : "FALSE")
            : raw;
    }
}
