namespace Quilt.Cli.Tests;

public sealed class CompletionTests
{
    [Theory]
    [InlineData("", "r", "run")]
    [InlineData("ps", "--f", "--filter")]
    [InlineData("completion", "b", "bash")]
    [InlineData("help", "ins", "inspect")]
    [InlineData("--host unix:///x", "ev", "events")]
    [InlineData("", "age", "agent")]
    [InlineData("agent", "", "token")]
    [InlineData("agent token", "r", "revoke")]
    [InlineData("mcp", "", "install")]
    [InlineData("mcp install", "c", "codex")]
    [InlineData("help agent", "t", "token")]
    [InlineData("tool call", "--t", "--token")]
    public void What_can_come_is_offered(string before, string current, string expected) =>
        Assert.Contains(Point(before, current).Candidates, c => c.Text == expected);

    [Theory]
    [InlineData("exec", "", ArgumentKind.Container)]
    [InlineData("exec -it", "", ArgumentKind.Container)]
    [InlineData("rm a", "", ArgumentKind.Container)]
    [InlineData("run --rm", "", ArgumentKind.Image)]
    [InlineData("run --name n", "", ArgumentKind.Image)]
    [InlineData("run --name", "", ArgumentKind.None)]
    [InlineData("run image", "", ArgumentKind.None)]
    [InlineData("run --", "", ArgumentKind.None)]
    [InlineData("exec c", "-", ArgumentKind.None)]
    [InlineData("tool call", "", ArgumentKind.Tool)]
    [InlineData("agent rm -f", "", ArgumentKind.Agent)]
    [InlineData("session end", "", ArgumentKind.Session)]
    [InlineData("task end", "", ArgumentKind.Task)]
    public void Names_are_asked_of_the_daemon_where_names_can_come(string before, string current, object kind)
    {
        CompletionPoint point = Point(before, current);
        Assert.Equal((ArgumentKind)kind, point.Wants);
        Assert.Empty(point.Candidates);
    }

    [Fact]
    public void The_daemon_that_the_line_names_is_the_one_asked() => Assert.Equal("unix:///x", Point("--host unix:///x rm", "").Host);

    [Fact]
    public async Task Without_a_daemon_nothing_is_offered_and_nothing_said()
    {
        (int code, string stdout, string stderr) = await CommandLine.Run("--host", CommandLine.NoDaemon, "__complete", "--", "rm", "");
        Assert.Equal((0, "", ""), (code, stdout, stderr));
    }

    [Theory]
    [InlineData("--nmae", "--name")]
    [InlineData("-nmae", null)]
    [InlineData("--rn", "--rm")]
    [InlineData("--xyzzy", null)]
    public void The_nearest_word_is_suggested_and_no_far_one(string word, string? expected) => Assert.Equal(expected, Nearest.To(word, ["--name", "--rm", "--env"]));

    private static CompletionPoint Point(string before, string current) => CompletionPoint.Of(before.Split(' ', StringSplitOptions.RemoveEmptyEntries), current);
}
