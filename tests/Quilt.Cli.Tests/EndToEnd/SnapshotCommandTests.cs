using System.Diagnostics;
using Quilt.Linux;
namespace Quilt.Cli.Tests;

/// <summary>The commands of snapshots and forks, and those of background commands.</summary>
public sealed class SnapshotCommandTests(CliDaemon daemon)
{
    private readonly string _name = $"t{Guid.NewGuid():N}"[..12];

    [Fact]
    public async Task A_container_is_forked_eight_times_kept_and_restored()
    {
        await daemon.Run("run", "-d", "--name", _name);
        await daemon.Run("exec", _name, "sh", "-c", "echo one > /state");
        Assert.StartsWith($"{_name}-kept  ", (await daemon.Run("snapshot", _name, $"{_name}-kept")).Stdout, StringComparison.Ordinal);
        CliResult forked = await daemon.Run("fork", _name, "--count", "8");
        Assert.True(forked.ExitCode == 0, forked.Stderr);
        Assert.Equal(8, forked.Stdout.Split('\n').Count(l => l.Contains("running", StringComparison.Ordinal)));
        await daemon.Run("exec", _name, "sh", "-c", "echo two > /state");
        await daemon.Run("exec", $"{_name}-3", "sh", "-c", "echo three > /state");
        Assert.Equal("one\n", (await daemon.Run("exec", $"{_name}-8", "cat", "/state")).Stdout);
        Assert.Equal("three\n", (await daemon.Run("exec", $"{_name}-3", "cat", "/state")).Stdout);

        CliResult running = await daemon.Run("restore", _name, $"{_name}-kept");
        Assert.NotEqual(0, running.ExitCode);
        Assert.Contains("force", running.Stderr, StringComparison.Ordinal);
        Assert.Equal($"{_name} is running, with the files of {_name}-kept\n", (await daemon.Run("restore", "-f", _name, $"{_name}-kept")).Stdout);
        Assert.Equal("one\n", (await daemon.Run("exec", _name, "cat", "/state")).Stdout);
        Assert.Contains($"{_name}-kept", (await daemon.Run("snapshot", "ls", "--container", _name)).Stdout, StringComparison.Ordinal);
        Assert.Contains(_name, (await daemon.Run("snapshot", "inspect", $"{_name}-kept")).Stdout, StringComparison.Ordinal);
        Assert.Contains($"kept for {_name}", (await daemon.Run("snapshot", "rm", $"{_name}-kept")).Stderr, StringComparison.Ordinal);
        Assert.Equal(2, (await daemon.Run("fork", _name, "--count", "many")).ExitCode);
        Assert.Equal(2, (await daemon.Run("fork", _name, "--start", "--no-start")).ExitCode);
        Assert.Equal(0, (await daemon.Run(["rm", "-f", _name, .. Enumerable.Range(1, 8).Select(n => $"{_name}-{n}")])).ExitCode);
    }

    [Fact]
    public async Task A_background_command_is_listed_and_joined_from_its_beginning()
    {
        await daemon.Run("run", "-d", "--name", _name);
        string exec = (await daemon.Run("exec", "-d", _name, "sh", "-c", "echo out; echo err >&2; while [ ! -e /go ]; do sleep 0.02; done; echo end; exit 9")).Stdout.Trim();
        Assert.Contains($"{exec}  running", (await daemon.Run("execs", _name)).Stdout, StringComparison.Ordinal);
        Task<CliResult> joined = daemon.Run("attach", "--exec", exec, _name);
        await daemon.Run("exec", _name, "touch", "/go");
        CliResult ended = await joined;
        Assert.Equal((9, "out\nend\n", "err\n"), (ended.ExitCode, ended.Stdout, ended.Stderr));
        Assert.Equal($"{exec}\n", (await daemon.Run("execs", "-q", _name)).Stdout);
        Assert.Equal((9, "out\nend\n"), ((await daemon.Run("attach", "--exec", exec, _name)).ExitCode, ended.Stdout));
        Assert.NotEqual(0, (await daemon.Run("attach", "--exec", "0123456789abcdef", _name)).ExitCode);
        await daemon.Run("rm", "-f", _name);
    }

    [Fact]
    public async Task A_background_command_is_signalled_by_itself()
    {
        await daemon.Run("run", "-d", "--name", _name);
        string exec = (await daemon.Run("exec", "-d", _name, "sh", "-c", "trap 'echo asked; exit 5' TERM; echo ready; while :; do sleep 0.02; done")).Stdout.Trim();
        Task<CliResult> joined = daemon.Run("attach", "--exec", exec, _name);
        await daemon.Run("exec", "--timeout", "30s", _name, "sh", "-c", "until grep -qs TERM /proc/[0-9]*/cmdline; do sleep 0.02; done");
        CliResult told = await daemon.Run("kill", "-s", "USR1", "--exec", "0123456789abcdef", _name);
        Assert.Equal(3, told.ExitCode);
        Assert.Contains("0123456789abcdef", told.Stderr, StringComparison.Ordinal);
        Assert.Equal(0, (await daemon.Run("kill", "-s", "TERM", "--exec", exec, _name)).ExitCode);
        Assert.Equal(5, (await joined).ExitCode);
        await daemon.Run("rm", "-f", _name);
    }

    /// <summary>Also where it is ended: who follows has not begun it.</summary>
    [Fact]
    public async Task Following_a_background_command_ends_without_it()
    {
        await daemon.Run("run", "-d", "--name", _name);
        string exec = (await daemon.Run("exec", "-d", _name, "sh", "-c", "echo ready; exec sleep 1000")).Stdout.Trim();
        using Process following = Process.Start(daemon.Start("attach", "--exec", exec, _name))!;
        Assert.Equal("ready", await following.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken));
        Sys.Kill(following.Id, 2);
        await following.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Contains($"{exec}  running", (await daemon.Run("execs", _name)).Stdout, StringComparison.Ordinal);
        await daemon.Run("rm", "-f", _name);
    }

    [Fact]
    public async Task Restoring_from_a_snapshot_of_another_says_so()
    {
        string other = $"{_name}-b", snapshot = $"{_name}-kept";
        await daemon.Run("create", "--name", _name);
        await daemon.Run("create", "--name", other);
        await daemon.Run("snapshot", _name, snapshot);
        CliResult own = await daemon.Run("restore", _name, snapshot), foreign = await daemon.Run("restore", other, snapshot);
        Assert.Equal((0, "", 0), (own.ExitCode, own.Stderr, foreign.ExitCode));
        Assert.Equal($"the snapshot is of another container, {_name}: {other} has that one's files now\n", foreign.Stderr);
        await daemon.Run("rm", _name, other);
        await daemon.Run("snapshot", "rm", snapshot);
    }
}
