using System.Text;
using CsCheck;
using Quilt.Core;

namespace Quilt.Cli.Tests;

/// <summary>Messages of the Model Context Protocol are lines on one side.</summary>
public sealed class McpLineTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(7)]
    [InlineData(1000)]
    public void Lines_are_the_same_whatever_pieces_they_come_in(int piece)
    {
        LineSplitter lines = new();
        List<string> all = [.. Encoding.UTF8.GetBytes("{\"a\":\"grüß\"}\n\r\n  {\"b\":2}\r\n\n{\"c\":3}").Chunk(piece).SelectMany(p => lines.Add(p))];
        Assert.Equal(["{\"a\":\"grüß\"}", "{\"b\":2}"], all);
        Assert.Equal("{\"c\":3}", lines.Rest());
        Assert.Null(lines.Rest());
    }

    [Fact]
    public void Bytes_that_are_anything_are_the_same_lines_whatever_pieces_they_come_in_and_none_has_an_end_in_it() =>
        Gen.Select(Gen.OneOf(Gen.Byte, Gen.Int[0, 4].Select(n => "\n\r\0{ "u8[n])).Array[0, 200], Gen.Int[1, 50]).Sample((bytes, piece) =>
        {
            (LineSplitter whole, LineSplitter pieces) = (new(), new());
            List<string> expected = [.. whole.Add(bytes)], lines = [.. bytes.Chunk(piece).SelectMany(p => pieces.Add(p))];
            Assert.Equal(expected, lines);
            Assert.Equal(whole.Rest(), pieces.Rest());
            Assert.All(lines, line => Assert.False(line.Contains('\n', StringComparison.Ordinal) || line.Length == 0));
        });

    [Fact]
    public void A_line_without_an_end_is_refused_before_it_fills_the_memory()
    {
        LineSplitter lines = new(longest: 100);
        Assert.Empty(lines.Add(new byte[60]));
        Assert.Equal(ErrorCode.InvalidArgument, Assert.Throws<QuiltException>(() => lines.Add(new byte[60])).Code);
    }

    [Fact]
    public void A_message_of_several_lines_goes_out_in_one() => Assert.Equal("{  \"a\": 1 }\n", Encoding.UTF8.GetString(McpBridge.Line("{\r\n\"a\": 1\n}")));
}
