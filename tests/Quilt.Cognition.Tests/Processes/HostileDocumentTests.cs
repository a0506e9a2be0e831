using System.Diagnostics;
using System.IO.Compression;
using System.Text;
using Quilt.Cognition.Tests.Documents;
using Quilt.Core;
using Quilt.Testing;

namespace Quilt.Cognition.Tests.Processes;

/// <summary>Documents that were made to harm: each ends within its limits with an error that says so, and leaves nothing.</summary>
[Collection(ProcessCollection.Name)]
public sealed class HostileDocumentTests
{
    /// <summary>About what a document may have, bytes.</summary>
    private const int Large = 30 << 20;

    /// <summary>Small, so that the tests end soon; the same in kind as the usual ones.</summary>
    private static readonly DocumentLimits Limits = Cognition.Slowed(new DocumentLimits
    {
        MemoryBytes = 192 << 20, CpuSeconds = 5, WallSeconds = 20, MaxDocumentBytes = 128 << 20, MaxUnpackedBytes = 64 << 20,
    });

    [Theory]
    [InlineData("docx", "word/document.xml")]
    [InlineData("xlsx", "xl/workbook.xml")]
    [InlineData("pptx", "ppt/presentation.xml")]
    public async Task A_zip_bomb_is_not_unpacked(string format, string part)
    {
        byte[] bomb = Zip((part, s => Fill(s, (byte)' ', 512L << 20)));
        Assert.True(bomb.Length < 4 << 20, $"{bomb.Length}");
        QuiltException failure = await Fails(bomb, format);
        Assert.Equal(ErrorCode.ResourceExhausted, failure.Code);
        Assert.Contains("unpack", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_zip_that_lies_about_its_sizes_is_measured_all_the_same()
    {
        byte[] bomb = Zip(("xl/workbook.xml", s => Fill(s, (byte)' ', 256L << 20)));
        // The directory's uncompressed size, at 24 from the signature of its entry.
        int entry = bomb.AsSpan().LastIndexOf("PK\u0001\u0002"u8);
        BitConverter.TryWriteBytes(bomb.AsSpan(entry + 24), 1_000u);
        Assert.True((await Fails(bomb)).Code is ErrorCode.ResourceExhausted or ErrorCode.InvalidArgument);
    }

    [Fact]
    public async Task A_zip_of_very_many_parts_is_refused()
    {
        byte[] many = Zip([("xl/workbook.xml", s => s.WriteByte(0)), .. Enumerable.Range(0, 6_000).Select(i => ($"xl/{i}", (Action<Stream>)(s => s.WriteByte(0))))]);
        Assert.Equal(ErrorCode.ResourceExhausted, (await Fails(many)).Code);
    }

    [Fact]
    public async Task Entities_that_laugh_a_billion_times_are_refused()
    {
        StringBuilder xml = new("<?xml version=\"1.0\"?><!DOCTYPE d [<!ENTITY a0 \"lol\">");
        for (int i = 1; i < 30; i++)
        {
            xml.Append($"<!ENTITY a{i} \"{string.Concat(Enumerable.Repeat($"&a{i - 1};", 10))}\">");
        }

        xml.Append("]><w:document xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\"><w:body><w:p><w:r><w:t>&a29;</w:t></w:r></w:p></w:body></w:document>");
        QuiltException failure = await Fails(Replace(Office.Word(), "word/document.xml", xml.ToString()));
        Assert.Equal((ErrorCode.InvalidArgument, "contentBase64"), (failure.Code, failure.Field));
    }

    [Fact]
    public async Task An_entity_that_names_a_file_of_the_host_is_not_followed()
    {
        const string xml = """<?xml version="1.0"?><!DOCTYPE d [<!ENTITY f SYSTEM "file:///etc/passwd">]><w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body><w:p><w:r><w:t>&f;</w:t></w:r></w:p></w:body></w:document>""";
        Assert.Equal(ErrorCode.InvalidArgument, (await Fails(Replace(Office.Word(), "word/document.xml", xml))).Code);
    }

    [Fact]
    public async Task A_paragraph_nested_a_million_deep_is_refused()
    {
        const int depth = 1_000_000;
        string xml = "<w:document xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\"><w:body><w:p>"
            + string.Concat(Enumerable.Repeat("<w:ins>", depth)) + string.Concat(Enumerable.Repeat("</w:ins>", depth)) + "</w:p></w:body></w:document>";
        Assert.True((await Fails(Replace(Office.Word(), "word/document.xml", xml))).Code is ErrorCode.ResourceExhausted or ErrorCode.InvalidArgument);
    }

    [Fact]
    public async Task A_pdf_that_inflates_without_end_is_stopped() => await Ends(Pdf.Bomb(), ErrorCode.ResourceExhausted);

    [Fact]
    public async Task A_pdf_that_contains_itself_is_stopped() => await Ends(Pdf.Recursive());

    [Fact]
    public async Task A_pdf_of_arrays_within_arrays_is_stopped() => await Ends(Pdf.Nested(3_000_000));

    [Fact]
    public async Task Megabytes_of_nested_elements_are_stopped() => await Ends(
        Encoding.ASCII.GetBytes("<html>" + string.Concat(Enumerable.Repeat("<div>", 6 << 20))), ErrorCode.ResourceExhausted);

    [Fact]
    public async Task Megabytes_of_nested_lists_are_refused()
    {
        byte[] json = new byte[Large];
        json.AsSpan(0, Large / 2).Fill((byte)'[');
        json.AsSpan(Large / 2).Fill((byte)']');
        Assert.True((await Fails(json, "json")).Code is ErrorCode.InvalidArgument or ErrorCode.ResourceExhausted);
    }

    [Fact]
    public async Task Megabytes_of_quotation_are_stopped() => await Ends(Enumerable.Repeat((byte)'>', Large).ToArray(), format: "markdown");

    [Fact]
    public async Task A_quote_that_never_closes_is_stopped() => await Ends(Encoding.ASCII.GetBytes("a,b\n1,\"" + new string('x', Large)), format: "csv");

    [Theory]
    [InlineData("pdf")]
    [InlineData("docx")]
    [InlineData("xlsx")]
    [InlineData("pptx")]
    [InlineData("json")]
    public async Task Noise_under_a_wrong_name_is_refused(string format)
    {
        byte[] noise = new byte[100_000];
        new Random(4).NextBytes(noise);
        Assert.Equal(ErrorCode.InvalidArgument, (await Fails(noise, format)).Code);
    }

    [Fact]
    public async Task The_head_of_a_document_alone_is_refused()
    {
        Assert.Equal(ErrorCode.InvalidArgument, (await Fails("%PDF-1.7\n"u8.ToArray())).Code);
        Assert.Equal(ErrorCode.InvalidArgument, (await Fails("PK\u0003\u0004"u8.ToArray())).Code);
    }

    /// <summary>Read in part, or ended by a limit: either way soon, and with nothing left.</summary>
    private static async Task Ends(byte[] document, ErrorCode? code = null, string? format = null)
    {
        try
        {
            await Within(document, format);
            Assert.Null(code);
        }
        catch (QuiltException e)
        {
            Assert.True(code is null ? e.Code is ErrorCode.ResourceExhausted or ErrorCode.InvalidArgument : e.Code == code, $"{e.Code}: {e.Message}");
            Assert.Equal("contentBase64", e.Field);
        }
    }

    private static async Task<QuiltException> Fails(byte[] document, string? format = null) => await Assert.ThrowsAsync<QuiltException>(() => Within(document, format));

    private static async Task Within(byte[] document, string? format)
    {
        await using LeakCheck leaks = Cognition.Leaks();
        Stopwatch elapsed = Stopwatch.StartNew();
        try
        {
            await Cognition.Parse(document, Limits, format);
        }
        catch (QuiltException e)
        {
            TestContext.Current.TestOutputHelper?.WriteLine($"{e.Code.WireName()}: {e.Message}");
            throw;
        }
        finally
        {
            Assert.True(elapsed.Elapsed < TimeSpan.FromSeconds(Limits.WallSeconds + (20 * Slowness.Factor)), $"{elapsed.Elapsed}");
        }
    }

    private static byte[] Zip(params (string Name, Action<Stream> Write)[] parts)
    {
        using MemoryStream zip = new();
        using (ZipArchive archive = new(zip, ZipArchiveMode.Create))
        {
            foreach ((string name, Action<Stream> write) in parts)
            {
                using Stream part = archive.CreateEntry(name).Open();
                write(part);
            }
        }

        return zip.ToArray();
    }

    private static byte[] Replace(byte[] document, string part, string content)
    {
        using MemoryStream zip = new();
        zip.Write(document);
        using (ZipArchive archive = new(zip, ZipArchiveMode.Update, leaveOpen: true))
        {
            archive.GetEntry(part)!.Delete();
            using Stream stream = archive.CreateEntry(part).Open();
            stream.Write(Encoding.UTF8.GetBytes(content));
        }

        return zip.ToArray();
    }

    private static void Fill(Stream stream, byte value, long count)
    {
        byte[] block = new byte[1 << 20];
        block.AsSpan().Fill(value);
        for (long left = count; left > 0; left -= block.Length)
        {
            stream.Write(block);
        }
    }
}
