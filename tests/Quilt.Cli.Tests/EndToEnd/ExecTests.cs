using System.Diagnostics;
using System.Security.Cryptography;
using System.Text.Json;
using Quilt.Linux;

namespace Quilt.Cli.Tests;

public sealed class ExecTests(CliDaemon daemon) : IAsyncLifetime
{
    private readonly string _name = $"t-{Guid.NewGuid():N}";

    public async ValueTask InitializeAsync() => Assert.Equal(0, (await daemon.Run("run", "-d", "--name", _name)).ExitCode);

    public async ValueTask DisposeAsync() => Assert.Equal(0, (await daemon.Run("rm", "-f", _name)).ExitCode);

    [Theory]
    [InlineData("exit 5", 5)]
    [InlineData("kill -KILL $$", 137)]
    public async Task It_ends_as_its_command_does(string script, int exitCode) => Assert.Equal(exitCode, (await daemon.Run("exec", _name, "sh", "-c", script)).ExitCode);

    [Theory]
    [InlineData("nonexistent-command", 127)]
    [InlineData("/etc/passwd", 126)]
    public async Task A_command_that_cannot_run_is_told(string command, int exitCode)
    {
        CliResult result = await daemon.Run("exec", _name, command);
        Assert.Equal(exitCode, result.ExitCode);
        Assert.Contains("  remedy: ", result.Stderr, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Two_dashes_before_the_command_may_be_left_out()
    {
        Assert.Equal("-n x\n", (await daemon.Run("exec", _name, "--", "echo", "--", "-n x")).Stdout.Replace("-- ", "", StringComparison.Ordinal));
        Assert.Equal("a -d\n", (await daemon.Run("exec", _name, "echo", "a", "-d")).Stdout);
    }

    [Fact]
    public async Task Bytes_pass_through_as_they_are()
    {
        byte[] bytes = RandomNumberGenerator.GetBytes(2_000_001);
        Assert.Equal(bytes, (await daemon.Run(["exec", "-i", _name, "cat"], bytes)).Bytes);
    }

    [Fact]
    public async Task All_of_both_outputs_comes_however_much_it_is()
    {
        CliResult result = await daemon.Run("exec", _name, "sh", "-c", "seq 1 300000 >&2 & seq 1 1000000; wait; exit 7");
        Assert.Equal((7, Numbers(1_000_000), Numbers(300_000)), (result.ExitCode, result.Stdout, result.Stderr));

        static string Numbers(int last) => string.Concat(Enumerable.Range(1, last).Select(n => $"{n}\n"));
    }

    /// <summary>To a file that is appended to the kernel moves nothing from a pipe.</summary>
    [Theory]
    [InlineData(">>")]
    [InlineData(">")]
    public async Task Its_output_goes_into_a_file(string redirection)
    {
        string file = Path.Combine(Path.GetTempPath(), _name);
        try
        {
            Assert.Equal(0, (await Shell($"\"$0\" exec {_name} seq 1 100000 {redirection} {file} && \"$0\" exec {_name} sh -c 'echo last >&2' 2>> {file}")).ExitCode);
            string text = await File.ReadAllTextAsync(file);
            Assert.Equal(588895 + "last\n".Length, text.Length);
            Assert.EndsWith("100000\nlast\n", text, StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public async Task It_ends_with_its_command_whoever_goes_on_to_hold_its_output()
    {
        CliResult result = await daemon.Run("exec", _name, "sh", "-c", "sleep 4321 & echo said; exit 3");
        Assert.Equal((3, "said\n"), (result.ExitCode, result.Stdout));
    }

    [Fact]
    public async Task Where_its_reader_goes_its_command_is_ended()
    {
        Assert.Equal("y\n", (await Shell($"\"$0\" exec {_name} yes | head -n 1")).Stdout);
        Assert.Equal(0, (await daemon.Run("exec", "--timeout", "30s", _name, "sh", "-c", "while pidof yes; do sleep 0.02; done")).ExitCode);
    }

    private async Task<CliResult> Shell(string line)
    {
        ProcessStartInfo start = daemon.Start();
        string program = start.FileName;
        start.FileName = "/bin/sh";
        foreach (string word in (string[])["-c", line, program])
        {
            start.ArgumentList.Add(word);
        }

        using Process process = Process.Start(start)!;
        return await CliDaemon.Finish(process);
    }

    [Fact]
    public async Task Its_options_reach_the_command()
    {
        CliResult result = await daemon.Run("exec", "-e", "A=b", "-w", "/tmp", "-u", "5:6", _name, "sh", "-c", "echo $A $(pwd) $(id -u) $(id -g)");
        Assert.Equal("b /tmp 5 6\n", result.Stdout);
    }

    [Fact]
    public async Task A_timeout_ends_it_with_124()
    {
        CliResult result = await daemon.Run("exec", "--timeout", "200ms", _name, "sleep", "1000");
        Assert.Equal(124, result.ExitCode);
    }

    [Fact]
    public async Task A_signal_goes_to_the_command()
    {
        using Process process = Process.Start(daemon.Start("exec", _name, "sh", "-c", "trap 'exit 9' TERM; echo ready; while :; do sleep 0.05; done"))!;
        Assert.Equal("ready", await process.StandardOutput.ReadLineAsync());
        Sys.Kill(process.Id, Signals.Terminate);
        Assert.Equal(9, (await CliDaemon.Finish(process)).ExitCode);
    }

    [Fact]
    public async Task In_the_background_its_id_is_printed()
    {
        CliResult result = await daemon.Run("exec", "-d", _name, "sleep", "1000");
        Assert.Equal(0, result.ExitCode);
        Assert.NotEmpty(result.Stdout.Trim());
    }

    [Fact]
    public async Task With_json_long_output_is_cut_and_counted()
    {
        CliResult result = await daemon.Run("exec", "--json", _name, "sh", "-c", "head -c 1000000 /dev/zero | tr '\\0' x");
        JsonElement end = JsonDocument.Parse(result.Bytes).RootElement;
        Assert.Equal(1_000_000, end.GetProperty("stdoutBytes").GetInt64());
        Assert.True(end.GetProperty("truncated").GetBoolean());
        Assert.Equal(JsonValueKind.Null, end.GetProperty("containerId").ValueKind);
    }

    [Fact]
    public async Task In_a_container_that_does_not_run_it_is_refused()
    {
        string stopped = $"t-{Guid.NewGuid():N}";
        await daemon.Run("create", "--name", stopped);
        CliResult result = await daemon.Run("exec", stopped, "true");
        Assert.Equal(125, result.ExitCode);
        Assert.Contains("  remedy: ", result.Stderr, StringComparison.Ordinal);
        Assert.Equal(125, (await daemon.Run("exec", "no-such-container", "true")).ExitCode);
        await daemon.Run("rm", stopped);
    }
}
