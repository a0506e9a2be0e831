using System.Globalization;
using DocumentFormat.OpenXml;
using DocumentFormat.OpenXml.Packaging;
using DocumentFormat.OpenXml.Wordprocessing;

namespace Quilt.Cognition;

/// <summary>A Word document: paragraphs, headings and tables of its body, one after another, never the whole of it in memory.</summary>
internal sealed class DocxFormat : IDocumentFormat
{
    public void Read(byte[] document, DocumentText text, DocumentRequest request)
    {
        OfficePackage.Measure(document, request);
        using MemoryStream stream = OfficePackage.Copy(document);
        using WordprocessingDocument word = WordprocessingDocument.Open(stream, isEditable: true, OfficePackage.Settings);
        OfficePackage.Describe(word, text);
        MainDocumentPart main = word.MainDocumentPart ?? throw new InvalidDataException("it has no main part");
        Dictionary<string, int> levels = HeadingLevels(main);
        using OpenXmlReader reader = OpenXmlReader.Create(main);
        while (!text.IsFull && reader.Read())
        {
            // LoadCurrentElement leaves the reader at the element's end, so that Read goes on behind it.
            if (reader.IsStartElement && reader.ElementType == typeof(Paragraph))
            {
                WriteParagraph((Paragraph)reader.LoadCurrentElement()!, levels, text);
            }
            else if (reader.IsStartElement && reader.ElementType == typeof(Table))
            {
                WriteTable((Table)reader.LoadCurrentElement()!, text);
            }
        }
    }

    /// <summary>Styles that are headings, by their id: the ids are in the writer's language, the outline levels and names are not.</summary>
    private static Dictionary<string, int> HeadingLevels(MainDocumentPart main)
    {
        Dictionary<string, int> levels = new(StringComparer.Ordinal);
        foreach (Style style in main.StyleDefinitionsPart?.Styles?.Elements<Style>() ?? [])
        {
            string name = style.StyleName?.Val?.Value ?? "";
            int level = style.StyleParagraphProperties?.OutlineLevel?.Val?.Value + 1
                ?? (name.StartsWith("heading ", StringComparison.OrdinalIgnoreCase) && int.TryParse(name.AsSpan(8), NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : 0);
            if (style.StyleId?.Value is { } id && level is >= 1 and <= 9)
            {
                levels[id] = level;
            }
        }

        return levels;
    }

    private static void WriteParagraph(Paragraph paragraph, Dictionary<string, int> levels, DocumentText text)
    {
        string content = Plain(paragraph);
        int level = paragraph.ParagraphProperties?.OutlineLevel?.Val?.Value + 1
            ?? (paragraph.ParagraphProperties?.ParagraphStyleId?.Val?.Value is { } style ? LevelOf(style, levels) : 0);
        if (level is >= 1 and <= 9 && content.Length > 0)
        {
            text.Section("heading", level, content);
        }

        text.AppendLine(content);
    }

    private static int LevelOf(string style, Dictionary<string, int> levels) =>
        levels.TryGetValue(style, out int level) ? level
        : style.StartsWith("Heading", StringComparison.OrdinalIgnoreCase) && int.TryParse(style.AsSpan(7), NumberStyles.None, CultureInfo.InvariantCulture, out level) ? level
        : 0;

    private static void WriteTable(Table table, DocumentText text)
    {
        DocumentTableBuilder rows = text.Table(null);
        foreach (TableRow row in table.Elements<TableRow>())
        {
            rows.Row([.. row.Elements<TableCell>().Select(c => string.Join(' ', c.Descendants<Paragraph>().Select(Plain)))]);
        }

        rows.End();
    }

    private static string Plain(Paragraph paragraph) => string.Concat(paragraph.Descendants().Select(e => e switch
    {
        Text run => run.Text,
        TabChar => "\t",
        Break or CarriageReturn => "\n",
        NoBreakHyphen => "-",
        _ => "",
    }));
}
