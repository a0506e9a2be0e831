using System.IO.Compression;
using Quilt.Core;

namespace Quilt.Cognition;

/// <summary>Decides what a document is: what the caller says, if its first bytes agree; else by these, then by the file's name.</summary>
internal static class FormatDetection
{
    private const int PdfHeaderWithin = 1024; // as readers of PDF do: mail and printers put lines before it

    private static readonly Dictionary<string, string> ByEnding = new(StringComparer.OrdinalIgnoreCase)
    {
        [".htm"] = "html", [".html"] = "html", [".xhtml"] = "html", [".md"] = "markdown", [".markdown"] = "markdown",
        [".csv"] = "csv", [".tsv"] = "csv", [".json"] = "json",
    };

    /// <exception cref="QuiltException">invalid_argument: the bytes are not of the format, or of none that can be read.</exception>
    public static string Decide(DocumentRequest request, byte[] document)
    {
        if (document.Length == 0)
        {
            throw QuiltException.Invalid(request.Argument, "the document is empty", "give the file's content");
        }

        string? found = ByFirstBytes(document);
        if (request.Format is { } asked)
        {
            bool binary = asked is "pdf" or "docx" or "xlsx" or "pptx";
            return (binary ? found == asked : found is null or "html" or "json")
                ? asked
                : throw QuiltException.Invalid(request.Argument, $"the document is not {asked}: its content is {found ?? "of no format that is known"}", "leave out format, or give the file that was meant");
        }

        string? named = ByEnding.GetValueOrDefault(Path.GetExtension(request.FileName ?? ""));
        return found is "pdf" or "docx" or "xlsx" or "pptx" ? found
            : found == "binary" ? throw QuiltException.Invalid(request.Argument, "the document is of no format that can be read", "give PDF, DOCX, XLSX, PPTX, HTML, Markdown, CSV, JSON or text")
            : named ?? found ?? "text";
    }

    /// <summary>Null is text of some kind; <c>binary</c> is nothing that we read.</summary>
    private static string? ByFirstBytes(ReadOnlySpan<byte> document)
    {
        if (document[..Math.Min(document.Length, PdfHeaderWithin)].IndexOf("%PDF-"u8) >= 0)
        {
            return "pdf";
        }

        if (document.StartsWith("PK\u0003\u0004"u8) || document.StartsWith("PK\u0005\u0006"u8))
        {
            return OfficeKind(document.ToArray());
        }

        if (TextEncoding.IsBinary(document))
        {
            return "binary";
        }

        ReadOnlySpan<byte> start = document[..Math.Min(document.Length, 512)].TrimStart("\uFEFF \t\r\n"u8);
        if (StartsWith(start, "<!doctype html") || StartsWith(start, "<html"))
        {
            return "html";
        }

        ReadOnlySpan<byte> end = document[^Math.Min(document.Length, 512)..].TrimEnd(" \t\r\n"u8);
        return (start.StartsWith("{"u8) && end.EndsWith("}"u8)) || (start.StartsWith("["u8) && end.EndsWith("]"u8)) ? "json" : null;
    }

    private static bool StartsWith(ReadOnlySpan<byte> text, string prefix) =>
        text.Length >= prefix.Length && System.Text.Ascii.EqualsIgnoreCase(text[..prefix.Length], prefix);

    /// <summary>An office document is a zip with a part of its kind's name; of the directory alone nothing is unpacked.</summary>
    private static string OfficeKind(byte[] document)
    {
        try
        {
            using ZipArchive zip = new(new MemoryStream(document), ZipArchiveMode.Read);
            return zip.GetEntry("word/document.xml") is not null ? "docx"
                : zip.GetEntry("xl/workbook.xml") is not null ? "xlsx"
                : zip.GetEntry("ppt/presentation.xml") is not null ? "pptx"
                : "binary";
        }
        catch (InvalidDataException)
        {
            return "binary"; // cut off, or no zip after all
        }
    }
}
