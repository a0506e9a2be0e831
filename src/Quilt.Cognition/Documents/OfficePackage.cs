using System.IO.Compression;
using DocumentFormat.OpenXml.Packaging;
using Quilt.Core;

namespace Quilt.Cognition;

/// <summary>What the formats of Office have in common: a zip of XML parts, measured before anything reads it, and its properties.</summary>
internal static class OfficePackage
{
    private const int MaxEntries = 5_000;

    /// <summary>No part of the XML may be longer than this, characters; the library's own bound.</summary>
    private const long MaxPartChars = 256L << 20;

    public static OpenSettings Settings => new() { AutoSave = false, MaxCharactersInPart = MaxPartChars };

    /// <summary>
    /// Unpacks every part into nothing and counts: what a zip says of its sizes is its writer's word, and parts may share their bytes.
    /// </summary>
    /// <exception cref="QuiltException">resource_exhausted: a zip bomb.</exception>
    /// <exception cref="InvalidDataException">Not a zip.</exception>
    public static void Measure(byte[] document, DocumentRequest request)
    {
        using ZipArchive zip = new(new MemoryStream(document), ZipArchiveMode.Read);
        if (zip.Entries.Count > MaxEntries)
        {
            throw TooMuch(request, $"it has more than {MaxEntries} parts");
        }

        byte[] buffer = new byte[64 << 10];
        long left = request.MaxUnpackedBytes;
        foreach (ZipArchiveEntry entry in zip.Entries)
        {
            using Stream part = entry.Open();
            int count;
            while ((count = part.Read(buffer)) > 0)
            {
                left -= count;
                if (left < 0)
                {
                    throw TooMuch(request, $"its parts unpack to more than {request.MaxUnpackedBytes} bytes");
                }
            }
        }
    }

    /// <summary>
    /// A copy that may be written to, to be opened as if for editing: of a document that is opened for reading alone the library makes a
    /// temporary file, for it mends addresses that are no URIs before it reads on. Nothing is saved.
    /// </summary>
    public static MemoryStream Copy(byte[] document)
    {
        MemoryStream copy = new(document.Length);
        copy.Write(document);
        copy.Position = 0;
        return copy;
    }

    public static void Describe(OpenXmlPackage package, DocumentText text)
    {
#pragma warning disable OOXML0001 // the only way to the properties
        IPackageProperties about = package.PackageProperties;
#pragma warning restore OOXML0001
        text.Metadata("title", about.Title);
        text.Metadata("author", about.Creator);
        text.Metadata("subject", about.Subject);
        text.Metadata("keywords", about.Keywords);
        text.Metadata("description", about.Description);
        text.Metadata("category", about.Category);
        text.Metadata("lastModifiedBy", about.LastModifiedBy);
        text.Metadata("created", about.Created?.ToUniversalTime().ToString("u"));
        text.Metadata("modified", about.Modified?.ToUniversalTime().ToString("u"));
    }

    private static QuiltException TooMuch(DocumentRequest request, string why) =>
        new(ErrorCode.ResourceExhausted, $"the document takes too much to read: {why}", "give a smaller document, or a part of it", request.Argument);
}
