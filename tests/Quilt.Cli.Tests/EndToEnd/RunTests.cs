using System.Diagnostics;
using System.Security.Cryptography;
using System.Text.Json;
using Quilt.Linux;
using Quilt.Testing;

namespace Quilt.Cli.Tests;

/// <summary>quilt run, in the foreground and not, with a real daemon and real containers.</summary>
public sealed class RunTests(CliDaemon daemon)
{
    private static string NewName => $"t-{Guid.NewGuid():N}";

    [Fact]
    public async Task A_command_runs_in_the_embedded_image_where_none_is_named()
    {
        CliResult result = await daemon.Run("run", "--rm", "--", "echo", "hi");
        Assert.Equal((0, "hi\n", ""), (result.ExitCode, result.Stdout, result.Stderr));
    }

    [Fact]
    public async Task The_words_after_the_image_are_the_command()
    {
        CliResult result = await daemon.Run("run", "--rm", "quilt/busybox", "echo", "--rm", "-d", "--", "x");
        Assert.Equal("--rm -d -- x\n", result.Stdout);
    }

    [Theory]
    [InlineData("exit 7", 7)]
    [InlineData("kill -TERM $$", 143)]
    [InlineData("true", 0)]
    public async Task It_ends_as_its_command_does(string script, int exitCode) =>
        Assert.Equal(exitCode, (await daemon.Run("run", "--rm", "--", "sh", "-c", script)).ExitCode);

    [Theory]
    [InlineData("nonexistent-command", 127)]
    [InlineData("/etc/passwd", 126)]
    public async Task A_command_that_cannot_run_is_told_and_leaves_nothing(string command, int exitCode)
    {
        string name = NewName;
        CliResult result = await daemon.Run("run", "--name", name, "--", command);
        Assert.Equal(exitCode, result.ExitCode);
        Assert.Empty(result.Stdout);
        Assert.Contains("  remedy: ", result.Stderr, StringComparison.Ordinal);
        Assert.Empty((await daemon.Run("ps", "-aq", "--filter", $"name={name}")).Stdout);
    }

    [Theory]
    [InlineData("nonexistent-command", 127)]
    [InlineData("/etc/passwd", 126)]
    public async Task In_the_background_too_a_command_that_cannot_run_leaves_nothing(string command, int exitCode)
    {
        string name = NewName;
        CliResult result = await daemon.Run("run", "-d", "--name", name, "--", command);
        Assert.Equal(exitCode, result.ExitCode);
        Assert.Empty((await daemon.Run("ps", "-aq", "--filter", $"name={name}")).Stdout);
    }

    [Fact]
    public async Task An_unknown_image_ends_with_125()
    {
        CliResult result = await daemon.Run("run", "--rm", "no-such-image", "true");
        Assert.Equal(125, result.ExitCode);
        Assert.Contains("no-such-image", result.Stderr, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Stdout_and_stderr_stay_apart()
    {
        CliResult result = await daemon.Run("run", "--rm", "--", "sh", "-c", "echo out; echo err >&2");
        Assert.Equal(("out\n", "err\n"), (result.Stdout, result.Stderr));
    }

    [Fact]
    public async Task Bytes_pass_through_as_they_are_and_the_end_of_input_too()
    {
        byte[] bytes = RandomNumberGenerator.GetBytes(3_000_001);
        CliResult result = await daemon.Run(["run", "--rm", "-i", "--", "cat"], bytes);
        Assert.Equal(0, result.ExitCode);
        Assert.Equal(bytes, result.Bytes);
    }

    [Fact]
    public async Task Without_interactive_the_command_has_no_input() =>
        Assert.Equal("0\n", (await daemon.Run(["run", "--rm", "--", "wc", "-c"], [1, 2, 3])).Stdout);

    [Fact]
    public async Task A_signal_goes_to_the_command()
    {
        using Process process = Process.Start(daemon.Start("run", "--rm", "--", "sh", "-c", "trap 'echo caught; exit 9' TERM; echo ready; while :; do sleep 0.05; done"))!;
        Assert.Equal("ready", await process.StandardOutput.ReadLineAsync());
        Sys.Kill(process.Id, Signals.Terminate);
        CliResult result = await CliDaemon.Finish(process);
        Assert.Equal((9, "caught\n"), (result.ExitCode, result.Stdout));
    }

    [Fact]
    public async Task A_signal_reaches_a_command_that_does_not_read_its_input()
    {
        using Process process = Process.Start(daemon.Start("run", "--rm", "-i", "--", "sh", "-c", "trap 'exit 9' INT; echo ready; while :; do sleep 0.05; done"))!;
        Assert.Equal("ready", await process.StandardOutput.ReadLineAsync());
        Task writing = process.StandardInput.BaseStream.WriteAsync(new byte[32 << 20]).AsTask();
        Sys.Kill(process.Id, 2);
        await process.WaitForExitAsync();
        Assert.Equal(9, process.ExitCode);
        await Assert.ThrowsAsync<IOException>(() => writing);
    }

    [Fact]
    public async Task A_reader_that_goes_ends_it_as_in_a_pipeline()
    {
        string name = NewName;
        using Process process = Process.Start(daemon.Start("run", "--rm", "--name", name, "--", "yes"))!;
        Assert.Equal("y", await process.StandardOutput.ReadLineAsync());
        process.StandardOutput.Close();
        await process.WaitForExitAsync();
        Assert.Equal(141, process.ExitCode);
        Assert.Empty(await process.StandardError.ReadToEndAsync());
        await Deadline.Until(() => daemon.Run("ps", "-aq", "--filter", $"name={name}").Result.Stdout.Length == 0);
    }

    [Fact]
    public async Task With_json_the_end_is_one_document()
    {
        CliResult result = await daemon.Run("run", "--rm", "--json", "--", "sh", "-c", "echo out; echo err >&2; exit 3");
        Assert.Equal(3, result.ExitCode);
        JsonElement end = JsonDocument.Parse(result.Bytes).RootElement;
        Assert.Equal(3, end.GetProperty("exitCode").GetInt32());
        Assert.Equal("out\n", end.GetProperty("stdout").GetString());
        Assert.Equal("err\n", end.GetProperty("stderr").GetString());
        Assert.False(end.GetProperty("truncated").GetBoolean());
        Assert.Equal(32, end.GetProperty("containerId").GetString()!.Length);
    }

    [Fact]
    public async Task In_the_background_the_id_is_printed_and_the_container_runs_on()
    {
        string id = (await daemon.Run("run", "-d", "--", "sleep", "1000")).Stdout.TrimEnd();
        Assert.Equal(32, id.Length);
        Assert.Contains(id, (await daemon.Run("ps", "-q")).Stdout, StringComparison.Ordinal);
        Assert.Equal(0, (await daemon.Run("rm", "-f", id)).ExitCode);
    }

    [Fact]
    public async Task A_name_in_use_is_refused_with_125()
    {
        string name = NewName;
        Assert.Equal(0, (await daemon.Run("create", "--name", name)).ExitCode);
        CliResult second = await daemon.Run("run", "--rm", "--name", name, "--", "true");
        Assert.Equal(125, second.ExitCode);
        Assert.Contains(name, second.Stderr, StringComparison.Ordinal);
        Assert.Equal("created", Json(await daemon.Run("inspect", name, "--json")).GetProperty("state").GetString());
        Assert.Equal(0, (await daemon.Run("rm", name)).ExitCode);
    }

    [Fact]
    public async Task The_options_reach_the_container()
    {
        CliResult result = await daemon.Run(
            "run", "--rm", "-e", "A=1 2", "-w", "/tmp", "-u", "1000:1001", "--hostname", "h", "--read-only", "--tmpfs", "/scratch:size=1MiB", "--memory", "64MiB",
            "--", "sh", "-c", "echo $A; pwd; id -u; id -g; hostname; touch /x 2>/dev/null || echo read-only; touch /scratch/x && echo scratch");
        Assert.Equal("1 2\n/tmp\n1000\n1001\nh\nread-only\nscratch\n", result.Stdout);
        Assert.Equal(0, result.ExitCode);
    }

    private static JsonElement Json(CliResult result) => JsonDocument.Parse(result.Bytes).RootElement;
}
