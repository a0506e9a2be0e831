using System.Globalization;
using System.IO.Compression;
using System.Text;
using UglyToad.PdfPig.Content;
using UglyToad.PdfPig.Core;
using UglyToad.PdfPig.Fonts.Standard14Fonts;
using UglyToad.PdfPig.Writer;

namespace Quilt.Cognition.Tests.Documents;

/// <summary>PDFs: some made by a library, some by hand, some so that no library would make them.</summary>
internal static class Pdf
{
    public static byte[] Pages(params string[] texts)
    {
        PdfDocumentBuilder builder = new();
        builder.DocumentInformation.Title = "A paper";
        builder.DocumentInformation.Author = "Eve";
        PdfDocumentBuilder.AddedFont font = builder.AddStandard14Font(Standard14Font.Helvetica);
        foreach (string text in texts)
        {
            builder.AddPage(PageSize.A4).AddText(text, 12, new PdfPoint(50, 700), font);
        }

        return builder.Build();
    }

    /// <summary>One page, its content as given.</summary>
    public static byte[] ByHand(byte[] content, string filters = "", string catalog = "/Pages 2 0 R") => Build(
        Ascii($"<< /Type /Catalog {catalog} >>"),
        Ascii("<< /Type /Pages /Kids [3 0 R] /Count 1 >>"),
        Ascii("<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> /XObject << /X 6 0 R >> >> >>"),
        Stream($"/Length {content.Length} {filters}", content),
        Ascii("<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"),
        Stream("/Type /XObject /Subtype /Form /BBox [0 0 9 9] /Resources << /XObject << /X 6 0 R >> >> /Length 4", "/X Do"u8.ToArray()[..4]));

    public static byte[] Hello() => ByHand("BT /F1 24 Tf 72 720 Td (Hello by hand) Tj ET"u8.ToArray());

    /// <summary>Three layers of deflate around gigabytes of nothing.</summary>
    public static byte[] Bomb()
    {
        byte[] content = Deflate(4L << 30);
        content = Deflate(content);
        return ByHand(content, "/Filter [/FlateDecode /FlateDecode]");
    }

    /// <summary>A form that draws itself, and a tree of pages that is its own child.</summary>
    public static byte[] Recursive() => Build(
        Ascii("<< /Type /Catalog /Pages 2 0 R >>"),
        Ascii("<< /Type /Pages /Kids [2 0 R 3 0 R] /Count 2 >>"),
        Ascii("<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R /Resources << /XObject << /X 5 0 R >> >> >>"),
        Stream("/Length 5", "/X Do"u8.ToArray()),
        Stream("/Type /XObject /Subtype /Form /BBox [0 0 9 9] /Resources << /XObject << /X 5 0 R >> >> /Length 5", "/X Do"u8.ToArray()));

    /// <summary>Arrays within arrays.</summary>
    public static byte[] Nested(int depth) => ByHand(Ascii(new string('[', depth) + new string(']', depth) + " TJ"));

    private static byte[] Build(params byte[][] objects)
    {
        using MemoryStream pdf = new();
        pdf.Write("%PDF-1.7\n"u8);
        List<long> offsets = [];
        for (int i = 0; i < objects.Length; i++)
        {
            offsets.Add(pdf.Length);
            pdf.Write(Ascii($"{i + 1} 0 obj\n"));
            pdf.Write(objects[i]);
            pdf.Write("\nendobj\n"u8);
        }

        long table = pdf.Length;
        pdf.Write(Ascii($"xref\n0 {objects.Length + 1}\n0000000000 65535 f \n"));
        foreach (long offset in offsets)
        {
            pdf.Write(Ascii(string.Create(CultureInfo.InvariantCulture, $"{offset:D10} 00000 n \n")));
        }

        pdf.Write(Ascii($"trailer << /Size {objects.Length + 1} /Root 1 0 R >>\nstartxref\n{table}\n%%EOF\n"));
        return pdf.ToArray();
    }

    private static byte[] Stream(string dictionary, byte[] content) => [.. Ascii($"<< {dictionary} >>\nstream\n"), .. content, .. "\nendstream"u8];

    private static byte[] Ascii(string text) => Encoding.ASCII.GetBytes(text);

    private static byte[] Deflate(long zeros)
    {
        using MemoryStream packed = new();
        using (ZLibStream zlib = new(packed, CompressionLevel.Fastest))
        {
            byte[] block = new byte[1 << 20];
            for (long left = zeros; left > 0; left -= block.Length)
            {
                zlib.Write(block);
            }
        }

        return packed.ToArray();
    }

    private static byte[] Deflate(byte[] content)
    {
        using MemoryStream packed = new();
        using (ZLibStream zlib = new(packed, CompressionLevel.SmallestSize))
        {
            zlib.Write(content);
        }

        return packed.ToArray();
    }
}
