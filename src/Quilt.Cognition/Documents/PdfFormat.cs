using UglyToad.PdfPig;
using UglyToad.PdfPig.Content;
using UglyToad.PdfPig.DocumentLayoutAnalysis.TextExtractor;
using UglyToad.PdfPig.Outline;

namespace Quilt.Cognition;

/// <summary>The text of a PDF, page by page in the order in which it is read.</summary>
internal sealed class PdfFormat : IDocumentFormat
{
    private const int MaxStackDepth = 128, MaxBookmarks = 500;

    public void Read(byte[] document, DocumentText text, DocumentRequest request)
    {
        using PdfDocument pdf = PdfDocument.Open(document, new ParsingOptions { UseLenientParsing = true, SkipMissingFonts = true, MaxStackDepth = MaxStackDepth });
        Describe(pdf, text);
        bool empty = true;
        for (int number = 1; number <= pdf.NumberOfPages && !text.IsFull; number++)
        {
            text.EndLine();
            text.Section("page", 1, $"{number}");
            try
            {
                Page page = pdf.GetPage(number);
                string content = ContentOrderTextExtractor.GetText(page, addDoubleNewline: true);
                empty &= string.IsNullOrWhiteSpace(content);
                text.Append(content);
            }
            catch (Exception e) when (e is not OutOfMemoryException)
            {
                text.Warn($"page {number} cannot be read: {e.Message}");
            }
        }

        if (empty && pdf.NumberOfPages > 0)
        {
            text.Warn("no text was found: the pages may be pictures (scans), which are not read");
        }
    }

    private static void Describe(PdfDocument pdf, DocumentText text)
    {
        DocumentInformation about = pdf.Information;
        text.Metadata("title", about.Title);
        text.Metadata("author", about.Author);
        text.Metadata("subject", about.Subject);
        text.Metadata("keywords", about.Keywords);
        text.Metadata("creator", about.Creator);
        text.Metadata("producer", about.Producer);
        text.Metadata("created", about.CreationDate);
        text.Metadata("modified", about.ModifiedDate);
        text.Metadata("pages", $"{pdf.NumberOfPages}");
        try
        {
            if (pdf.TryGetBookmarks(out Bookmarks? bookmarks))
            {
                text.Metadata("bookmarks", string.Join("; ", bookmarks.GetNodes().Take(MaxBookmarks).Select(b => b.Title)));
            }
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            text.Warn("the bookmarks cannot be read");
        }
    }
}
