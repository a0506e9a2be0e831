using Markdig;
using Markdig.Extensions.Tables;
using Markdig.Syntax;
using Markdig.Syntax.Inlines;

namespace Quilt.Cognition;

/// <summary>Markdown is returned as it is, with its headings and tables found.</summary>
internal sealed class MarkdownFormat : IDocumentFormat
{
    private static readonly MarkdownPipeline Pipeline = new MarkdownPipelineBuilder().UsePipeTables().UseGridTables().UseYamlFrontMatter().Build();

    public void Read(byte[] document, DocumentText text, DocumentRequest request)
    {
        string content = TextEncoding.Decode(document, text);
        MarkdownDocument markdown = Markdown.Parse(content, Pipeline);
        int written = 0;
        foreach (Block block in markdown.Descendants<Block>())
        {
            if (block is HeadingBlock heading)
            {
                text.Append(content.AsSpan(written, heading.Span.Start - written));
                written = heading.Span.Start;
                text.Section("heading", heading.Level, Plain(heading.Inline));
            }
            else if (block is Table table)
            {
                text.Append(content.AsSpan(written, table.Span.Start - written));
                written = table.Span.Start;
                KeepTable(table, text);
            }
        }

        text.Append(content.AsSpan(written));
    }

    /// <summary>The rows alone: the text has the table as it was written.</summary>
    private static void KeepTable(Table table, DocumentText text)
    {
        List<IReadOnlyList<string>> rows = [];
        bool truncated = false;
        foreach (TableRow row in table.OfType<TableRow>())
        {
            string[] cells = [.. row.OfType<TableCell>().Select(c => string.Join(' ', c.Descendants<LeafBlock>().Select(b => Plain(b.Inline))))];
            truncated |= !text.TryTakeCells(cells);
            if (truncated)
            {
                break;
            }

            rows.Add([.. cells.Select(DocumentText.Cell)]);
        }

        if (rows.Count > 0)
        {
            text.Keep(new DocumentTable { Rows = rows, Truncated = truncated });
        }
    }

    private static string Plain(ContainerInline? inline) => inline is null ? "" : string.Concat(inline.Descendants().Select(i => i switch
    {
        LiteralInline literal => literal.Content.ToString(),
        CodeInline code => code.Content,
        LineBreakInline => " ",
        _ => "",
    })).Trim();
}
