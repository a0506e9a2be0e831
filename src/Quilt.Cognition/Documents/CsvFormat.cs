using CsvHelper;

namespace Quilt.Cognition;

/// <summary>Values separated by commas, semicolons, tabs or bars.</summary>
internal sealed class CsvFormat : IDocumentFormat
{
    private const int MaxRecordBytes = 4 << 20;

    private static readonly CsvReaderOptions Options = new() { HasHeader = false, MaxRecordSize = MaxRecordBytes };

    public void Read(byte[] document, DocumentText text, DocumentRequest request)
    {
        using CsvReader reader = CsvReader.FromText(TextEncoding.Decode(document, text), Options);
        DocumentTableBuilder table = text.Table(null);
        int columns = 0;
        long rows = 0;
        while (!text.IsFull && reader.Read())
        {
            string[] row = reader.Current.ToArray();
            columns = Math.Max(columns, row.Length);
            rows++;
            table.Row(row);
        }

        table.End();
        text.Metadata("separator", reader.Separator == '\t' ? "tab" : $"{reader.Separator}");
        text.Metadata("columns", $"{columns}");
        text.Metadata(text.IsFull ? "rowsRead" : "rows", $"{rows}");
    }
}
