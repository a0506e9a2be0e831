using Quilt.Core;

namespace Quilt.Cognition;

/// <summary>Reads a document here, in this process: only where this process is confined and may die of it.</summary>
public static class DocumentParser
{
    private static readonly Dictionary<string, IDocumentFormat> Formats = new(StringComparer.Ordinal)
    {
        ["pdf"] = new PdfFormat(),
        ["docx"] = new DocxFormat(),
        ["xlsx"] = new XlsxFormat(),
        ["pptx"] = new PptxFormat(),
        ["html"] = new HtmlFormat(),
        ["markdown"] = new MarkdownFormat(),
        ["csv"] = new CsvFormat(),
        ["json"] = new JsonFormat(),
        ["text"] = new PlainTextFormat(),
    };

    /// <exception cref="QuiltException">invalid_argument: not a document of the format; resource_exhausted: it takes too much.</exception>
    public static ParseDocumentResult Parse(DocumentRequest request, byte[] document)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(document);
        string format = FormatDetection.Decide(request, document);
        DocumentText text = new(request.Offset, request.MaxChars);
        try
        {
            Formats[format].Read(document, text, request);
            return text.Result(format);
        }
        catch (Exception e) when (e is not (QuiltException or OutOfMemoryException))
        {
            throw new QuiltException(ErrorCode.InvalidArgument, $"the document is not a readable {format}: {Line(e.Message)}",
                "give the whole file, unchanged, and the right format", request.Argument, e);
        }
    }

    private static string Line(string message)
    {
        const int limit = 200;
        string line = message.ReplaceLineEndings(" ");
        return line.Length > limit ? line[..limit] + "…" : line;
    }
}
