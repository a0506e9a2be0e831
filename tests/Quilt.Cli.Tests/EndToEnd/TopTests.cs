using Quilt.Linux;

namespace Quilt.Cli.Tests;

/// <summary>quilt top and quilt update, as a person sees them.</summary>
public sealed class TopTests(CliDaemon daemon)
{
    private const string ControlC = "\x03", AlternateScreen = "\e[?1049h", UsualScreen = "\e[?1049l";
    private static readonly TerminalSize Usual = new(150, 40);

    [Theory]
    [InlineData("q")]
    [InlineData(ControlC)]
    public async Task It_shows_containers_and_events_takes_keys_and_gives_the_terminal_back(string end)
    {
        string name = $"t{Guid.NewGuid():N}"[..12];
        await daemon.Run("run", "-d", "--name", name);
        using TerminalSession session = new(daemon, Usual, "top", "--interval", "100ms");
        await session.Until(AlternateScreen);
        await session.Until(name);
        await session.Until("container.started");
        Assert.False(session.IsAsBefore);
        session.Type("m");
        await session.Until("MEMORY▼");
        session.Type("r");
        await session.Until("MEMORY▲");
        session.Type("\r");
        await session.Until("EVENTS of the selected container");
        session.Size = new TerminalSize(60, 12);
        session.Type(end);
        await session.Until(UsualScreen);
        Assert.Equal(0, await session.Ended());
        Assert.True(session.IsAsBefore);
        await daemon.Run("rm", "-f", name);
    }

    [Fact]
    public async Task Without_a_terminal_it_says_what_to_use_instead()
    {
        CliResult result = await daemon.Run("top");
        Assert.NotEqual(0, result.ExitCode);
        Assert.Contains("quilt stats --no-stream", result.Stderr, StringComparison.Ordinal);
        Assert.DoesNotContain("\e", result.Stdout + result.Stderr, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Limits_of_a_running_container_are_changed_and_shown()
    {
        string name = $"t{Guid.NewGuid():N}"[..12];
        await daemon.Run("run", "-d", "--memory", "64MiB", "--cpuset-cpus", "0", "--files", "300", "--name", name);
        CliResult changed = await daemon.Run("update", "--memory", "96MiB", "--cpus", "0.5", "--io", "read-bps=1MiB", name);
        Assert.Equal((0, ""), (changed.ExitCode, changed.Stderr));
        Assert.Matches("memory +64MiB +96MiB", changed.Stdout);
        CliResult inspected = await daemon.Run("inspect", "--json", name);
        Assert.Contains("\"memoryBytes\": 100663296", inspected.Stdout, StringComparison.Ordinal);
        Assert.Contains("\"readBps\": 1048576", inspected.Stdout, StringComparison.Ordinal);
        Assert.Contains("\"cpuset\": \"0\"", inspected.Stdout, StringComparison.Ordinal);
        Assert.Equal(0, (await daemon.Run("update", "--io", "", name)).ExitCode);
        Assert.DoesNotContain("1048576", (await daemon.Run("inspect", "--json", name)).Stdout, StringComparison.Ordinal);
        CliResult nothing = await daemon.Run("update", name), bad = await daemon.Run("update", "--cpuset-cpus", "8000", name);
        Assert.Contains("no limit is given", nothing.Stderr, StringComparison.Ordinal);
        Assert.Contains("this machine has no CPU 8000", bad.Stderr, StringComparison.Ordinal);
        await daemon.Run("rm", "-f", name);
    }
}
