using static Quilt.Client.Tests.Api;

namespace Quilt.Client.Tests;

public sealed class LogTests(ClientFixture fixture)
{
    [Fact]
    public async Task Lines_are_read_filtered_and_gone_on_from()
    {
        await using QuiltContainer container = await fixture.Client.RunContainerAsync(Shell("for i in 1 2 3; do echo out $i; echo err $i >&2; done"), Cancellation);
        await container.WaitForExitAsync(TimeSpan.FromSeconds(20), Cancellation);
        List<LogEntry> all = await All(container.GetLogsAsync(cancellationToken: Cancellation));
        Assert.Equal(6, all.Count);
        Assert.Equal(["out 1", "out 2", "out 3"], (await All(container.GetLogsAsync(new LogQuery { Stream = "stdout" }, Cancellation))).Select(l => l.Text));
        Assert.Equal(["out 2", "err 2"], (await All(container.GetLogsAsync(new LogQuery { Pattern = "2$" }, Cancellation))).OrderByDescending(l => l.Stream).Select(l => l.Text));
        Assert.Equal(all[4..].Select(l => l.Text), (await All(container.GetLogsAsync(new LogQuery { Cursor = all[3].Cursor }, Cancellation))).Select(l => l.Text));
        Assert.Equal(all[^1].Text, Assert.Single(await All(container.GetLogsAsync(new LogQuery { Tail = 1 }, Cancellation))).Text);
        Assert.Empty(await All(container.GetLogsAsync(new LogQuery { Until = DateTimeOffset.UtcNow.AddHours(-1) }, Cancellation)));
    }

    [Fact]
    public async Task They_are_followed_to_the_end_of_the_command()
    {
        await using QuiltContainer container = await fixture.Client.RunContainerAsync(Shell("echo first; while [ ! -e /go ]; do sleep 0.02; done; echo last"), Cancellation);
        List<string> lines = [];
        await foreach (LogEntry line in container.GetLogsAsync(new LogQuery { Follow = true }, Cancellation))
        {
            lines.Add(line.Text);
            if (line.Text == "first")
            {
                await container.ExecAsync(["touch", "/go"], cancellationToken: Cancellation);
            }
        }

        Assert.Equal(["first", "last"], lines);
    }
}
