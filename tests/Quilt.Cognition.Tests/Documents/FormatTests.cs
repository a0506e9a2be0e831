using System.Text;
using Quilt.Core;

namespace Quilt.Cognition.Tests.Documents;

/// <summary>What is read from good documents of each format, in this process.</summary>
public sealed class FormatTests
{
    [Fact]
    public void Word_gives_text_headings_tables_and_properties()
    {
        ParseDocumentResult result = Parse(Office.Word());
        Assert.Equal("docx", result.Format);
        Assert.Equal("First chapter\nHello, world.\nA part\nname\tage\nBob\t42\nThe end.\n", result.Text);
        Assert.Equal([("heading", 1, "First chapter", 0), ("heading", 2, "A part", 28)], result.Sections.Select(s => (s.Kind, s.Level, s.Title, s.Offset)));
        Assert.Equal(["name,age", "Bob,42"], Rows(Assert.Single(result.Tables)));
        Assert.Equal(("The report", "Ann"), (result.Metadata["title"], result.Metadata["author"]));
    }

    [Fact]
    public void A_workbook_gives_a_table_for_each_sheet_with_cells_in_their_columns()
    {
        ParseDocumentResult result = Parse(Office.Workbook());
        Assert.Equal("xlsx", result.Format);
        Assert.Equal(["People", "Empty"], result.Sections.Where(s => s.Kind == "sheet").Select(s => s.Title));
        DocumentTable table = Assert.Single(result.Tables);
        Assert.Equal("People", table.Name);
        Assert.Equal(["shared,,1,TRUE,inline", "shared,,2,TRUE,inline"], Rows(table));
        Assert.Equal("2", result.Metadata["sheets"]);
    }

    [Fact]
    public void Slides_come_in_order_with_their_titles()
    {
        ParseDocumentResult result = Parse(Office.Slides());
        Assert.Equal("pptx", result.Format);
        Assert.Equal("Welcome\nWelcome in detail\nResults\nResults in detail\n", result.Text);
        Assert.Equal([("slide", "1"), ("heading", "Welcome"), ("slide", "2"), ("heading", "Results")], result.Sections.Select(s => (s.Kind, s.Title)));
    }

    [Fact]
    public void A_pdf_gives_its_pages()
    {
        ParseDocumentResult result = Parse(Pdf.Pages("The first page", "The second page"));
        Assert.Equal("pdf", result.Format);
        Assert.Equal("The first page\nThe second page", result.Text.Trim().ReplaceLineEndings("\n"));
        Assert.Equal([("page", "1"), ("page", "2")], result.Sections.Select(s => (s.Kind, s.Title)));
        Assert.Equal(("A paper", "Eve", "2"), (result.Metadata["title"], result.Metadata["author"], result.Metadata["pages"]));
    }

    [Fact]
    public void A_pdf_written_by_hand_is_read() => Assert.Contains("Hello by hand", Parse(Pdf.Hello()).Text, StringComparison.Ordinal);

    [Fact]
    public void A_pdf_of_pictures_says_that_it_has_no_text() => Assert.Contains(Parse(Pdf.ByHand([])).Warnings, w => w.Contains("scans", StringComparison.Ordinal));

    [Fact]
    public void A_page_gives_what_it_shows()
    {
        const string page = """
            <!DOCTYPE html><html lang="en"><head><title>T</title><meta name="Description" content="D"><style>p{}</style></head>
            <body><script>alert('no')</script><h1>One <em>two</em></h1><p>Some   <b>text</b> <br>more</p><noscript>no</noscript>
            <table><caption>C</caption><tr><th>a</th><th>b</th></tr><tr><td>1</td><td>2</td></tr></table><ul><li>x</li><li>y</li></ul></body></html>
            """;
        ParseDocumentResult result = Parse(Encoding.UTF8.GetBytes(page));
        Assert.Equal("html", result.Format);
        Assert.Equal("One two\nSome text\nmore\na\tb\n1\t2\nx\ny\n", result.Text);
        Assert.Equal(("heading", 1, "One two"), (Assert.Single(result.Sections).Kind, result.Sections[0].Level, result.Sections[0].Title));
        Assert.Equal("C", Assert.Single(result.Tables).Name);
        Assert.Equal(["a,b", "1,2"], Rows(result.Tables[0]));
        Assert.Equal(("T", "D", "en"), (result.Metadata["title"], result.Metadata["description"], result.Metadata["language"]));
    }

    [Fact]
    public void Markdown_is_kept_with_its_headings_and_tables_found()
    {
        const string markdown = "# One `x`\n\ntext\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n## Two\n";
        ParseDocumentResult result = Parse(Encoding.UTF8.GetBytes(markdown), fileName: "README.md");
        Assert.Equal("markdown", result.Format);
        Assert.Equal(markdown, result.Text);
        Assert.Equal([(1, "One x", 0), (2, "Two", markdown.IndexOf("## Two", StringComparison.Ordinal))], result.Sections.Select(s => (s.Level, s.Title, s.Offset)));
        Assert.Equal(["a,b", "1,2"], Rows(Assert.Single(result.Tables)));
    }

    [Theory]
    [InlineData("a,b\n1,\"x,\ny\"\n", ",")]
    [InlineData("a;b\n1;\"x,\ny\"\n", ";")]
    [InlineData("a\tb\n1\t\"x,\ny\"\n", "tab")]
    public void Values_are_separated_by_what_the_file_uses(string csv, string separator)
    {
        ParseDocumentResult result = Parse(Encoding.UTF8.GetBytes(csv), format: "csv");
        Assert.Equal(["a,b", "1,x,\ny"], Rows(Assert.Single(result.Tables)));
        Assert.Equal((separator, "2", "2"), (result.Metadata["separator"], result.Metadata["columns"], result.Metadata["rows"]));
        Assert.Equal("a\tb\n1\tx, y\n", result.Text);
    }

    [Fact]
    public void Json_is_checked_and_told_about()
    {
        ParseDocumentResult result = Parse("""{"name":"x","list":[1,2,{"a":null}]}"""u8.ToArray());
        Assert.Equal("json", result.Format);
        Assert.Equal(("object", "name, list", "3"), (result.Metadata["kind"], result.Metadata["properties"], result.Metadata["depth"]));
    }

    [Theory]
    [InlineData(new byte[] { 0xFF, 0xFE, 0x68, 0, 0xE9, 0 }, "hé", 0)]
    [InlineData(new byte[] { 0xEF, 0xBB, 0xBF, 0x68, 0xC3, 0xA9 }, "hé", 0)]
    [InlineData(new byte[] { 0x68, 0xE9 }, "hé", 1)]
    public void Text_is_decoded_as_it_was_encoded(byte[] document, string text, int warnings)
    {
        ParseDocumentResult result = Parse(document);
        Assert.Equal(("text", text, warnings), (result.Format, result.Text, result.Warnings.Count));
    }

    [Fact]
    public void A_long_text_is_read_part_by_part_and_nothing_is_lost()
    {
        string whole = string.Concat(Enumerable.Range(0, 5_000).Select(i => i % 7 == 0 ? "😀" : $"{i} "));
        StringBuilder read = new();
        for (int? offset = 0; offset is { } from;)
        {
            ParseDocumentResult part = Parse(Encoding.UTF8.GetBytes(whole), offset: from, maxChars: 999);
            Assert.True(part.Text.Length <= 999);
            read.Append(part.Text);
            offset = part.NextOffset;
        }

        Assert.Equal(whole, read.ToString());
    }

    [Fact]
    public void A_large_sheet_stops_where_enough_is_read_and_goes_on_from_there()
    {
        byte[] book = Office.Workbook(rows: 3_000);
        ParseDocumentResult first = Parse(book, maxChars: 2_000), second = Parse(book, offset: first.NextOffset!.Value, maxChars: 2_000);
        Assert.Equal(2_000, first.Text.Length);
        Assert.True(Assert.Single(first.Tables).Truncated);
        Assert.Equal(4_000, second.NextOffset);
        Assert.Equal(Parse(book, maxChars: 4_000).Text, first.Text + second.Text);
    }

    [Theory]
    [InlineData("pdf")]
    [InlineData("docx")]
    [InlineData("xlsx")]
    [InlineData("pptx")]
    public void Text_that_is_said_to_be_something_else_is_refused(string format)
    {
        QuiltException failure = Assert.Throws<QuiltException>(() => Parse("just text"u8.ToArray(), format: format));
        Assert.Equal((ErrorCode.InvalidArgument, "content"), (failure.Code, failure.Field));
    }

    [Fact]
    public void A_document_of_one_format_is_not_read_as_another()
    {
        Assert.Equal(ErrorCode.InvalidArgument, Assert.Throws<QuiltException>(() => Parse(Office.Word(), format: "xlsx")).Code);
        Assert.Equal(ErrorCode.InvalidArgument, Assert.Throws<QuiltException>(() => Parse(Pdf.Hello(), format: "text")).Code);
        Assert.Equal(ErrorCode.InvalidArgument, Assert.Throws<QuiltException>(() => Parse([0x7F, 0x45, 0x4C, 0x46, 0, 0, 0])).Code);
        Assert.Equal(ErrorCode.InvalidArgument, Assert.Throws<QuiltException>(() => Parse([])).Code);
    }

    [Fact]
    public void A_document_cut_off_anywhere_is_read_in_part_or_refused()
    {
        foreach (byte[] document in new[] { Office.Word(), Office.Workbook(), Office.Slides(), Pdf.Pages("one", "two") })
        {
            for (int length = 1; length < document.Length; length += Math.Max(1, document.Length / 40))
            {
                try
                {
                    Parse(document[..length]);
                }
                catch (QuiltException e)
                {
                    Assert.True(e.Code is ErrorCode.InvalidArgument, $"{e.Code} {e.Message}");
                }
            }
        }
    }

    private static IEnumerable<string> Rows(DocumentTable table) => table.Rows.Select(r => string.Join(',', r));

    private static ParseDocumentResult Parse(byte[] document, string? format = null, string? fileName = null, int offset = 0, int maxChars = 100_000) => DocumentParser.Parse(
        new DocumentRequest { Format = format, FileName = fileName, Argument = "content", Offset = offset, MaxChars = maxChars, MaxUnpackedBytes = 64 << 20 }, document);
}
