using Quilt.Core;
using Quilt.Engine;
using Quilt.Shim.Contract;
using Xunit;

namespace Quilt.Aria.Tests;

public sealed class AnswerBoundTests
{
    [Fact]
    public void An_answer_holds_a_mebibyte_of_output_at_most()
    {
        Assert.Equal(1 << 20, ExecSpecReader.OutputLimit(Asking(1 << 20)));
        QuiltException refused = Assert.Throws<QuiltException>(() => ExecSpecReader.OutputLimit(Asking((1 << 20) + 1)));
        Assert.Equal((ErrorCode.InvalidArgument, "outputLimit"), (refused.Code, refused.Field));
        Assert.Contains("getExec", refused.Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public void An_answer_of_empty_lines_is_bounded_too()
    {
        BoundedLines lines = new("");
        LogEntry empty = new(DateTimeOffset.UnixEpoch, LogStream.Stdout, "\n"u8.ToArray(), new LogCursor(0, 1, 0));
        for (int i = 0; i < ContainerEngine.OutputLinesAtOnce; i++)
        {
            Assert.True(lines.TryAdd(empty));
        }

        Assert.False(lines.TryAdd(empty));
        Assert.True(lines.Truncated);
        Assert.Equal(ContainerEngine.OutputLinesAtOnce, lines.Lines.Count);
    }

    private static ExecInContainerArguments Asking(long bytes) => new() { Container = "c", Command = ["true"], OutputLimit = new ByteSize(bytes) };
}
