using Quilt.Core;
using Xunit;

namespace Quilt.Unit.Tests;

public sealed class TextTailTests
{
    /// <summary>What unpacks an archive, and git, say there what the archive or the server likes.</summary>
    [Fact]
    public async Task Of_what_a_program_says_the_end_is_kept_and_all_is_read()
    {
        using StringReader said = new(new string('x', 1 << 20) + "why it ended");
        TextTail tail = new();
        await tail.Fill(said);
        Assert.Equal(-1, said.Peek());
        Assert.Equal(TextTail.Limit, tail.ToString().Length);
        Assert.EndsWith("xwhy it ended", tail.ToString(), StringComparison.Ordinal);
    }
}
