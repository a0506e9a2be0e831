using System.Text;

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
    public void A_message_of_several_lines_goes_out_in_one() => Assert.Equal("{  \"a\": 1 }\n", Encoding.UTF8.GetString(McpBridge.Line("{\r\n\"a\": 1\n}")));
}
