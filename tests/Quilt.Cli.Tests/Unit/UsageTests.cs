using System.Text.Json;
using Quilt.Core;

namespace Quilt.Cli.Tests;

/// <summary>What somebody is told who calls quilt wrongly, or without a daemon.</summary>
public sealed class UsageTests
{
    [Theory]
    [InlineData("runn", 2, "no command 'runn'", "'run'")]
    [InlineData("run --nmae x", 125, "no option '--nmae'", "--name")]
    [InlineData("ps --filtr a=b", 2, "no option '--filtr'", "--filter")]
    [InlineData("ps -x", 2, "no option '-x'", "quilt ps --help")]
    [InlineData("run -p 80:80 img", 125, "no option '-p'", "quilt port bind CONTAINER")]
    [InlineData("create --publish=80:80 img", 125, "no option '--publish'", "quilt port bind CONTAINER")]
    [InlineData("run --link db img", 125, "no option '--link'", "quilt connect")]
    [InlineData("run -T img", 125, "no option '-T'", "did you mean -t?")]
    [InlineData("wait --until port:0 c", 2, "'0' is no port", "/udp behind it")]
    [InlineData("wait --until port:80/sctp c", 2, "'sctp' in '80/sctp'", "tcp, udp")]
    [InlineData("wait --until  c", 2, "--until is empty", "exited")]
    [InlineData("top --interval 0", 2, "--interval '0' is too short", "50ms")]
    [InlineData("volume attach c /etc:/x", 2, "'/etc:/x' names a path of the host", "quilt create")]
    [InlineData("volume attach c data", 2, "'data' is no volume and path", "give NAME:/path or NAME:/path:ro")]
    [InlineData("update c", 2, "no limit is given", "; or --disk")]
    [InlineData("events --until soon", 2, "--until 'soon'", "10m")]
    [InlineData("ps extra", 2, "does not take 'extra'", "usage: quilt ps")]
    [InlineData("rm", 2, "rm needs CONTAINER", "usage: quilt rm")]
    [InlineData("exec", 125, "exec needs CONTAINER", "usage: quilt exec")]
    [InlineData("exec c", 125, "exec needs a command", "usage: quilt exec")]
    [InlineData("run --name", 125, "--name needs a value", "quilt run --help")]
    [InlineData("run --name a --name b", 125, "--name is given twice", "once")]
    [InlineData("run --rm=yes", 125, "--rm takes no value", "--rm alone")]
    [InlineData("run -it", 125, "stdin is not a terminal", "--tty")]
    [InlineData("run --detach-keys a", 125, "--detach-keys 'a' is given where", "-it")]
    [InlineData("exec -it --detach-keys ctrl-1 c sh", 125, "no such key: 'ctrl-1'", "ctrl-p,ctrl-q")]
    [InlineData("run --health-retries x", 125, "--health-retries 'x'", "1 or more")]
    [InlineData("run --no-healthcheck --health-interval 1s", 125, "--no-healthcheck is given with", "leave out either")]
    [InlineData("wait --timeout soon c", 2, "'soon' is not a duration", "30s")]
    [InlineData("--bogus ps", 2, "no option '--bogus'", "quilt help")]
    [InlineData("--host tcp://x ps", 2, "--host 'tcp://x'", "unix://")]
    [InlineData("--host unix://relative ps", 2, "unix://relative", "absolute")]
    [InlineData("ps --filter state=odd", 2, "no state 'odd'", "running")]
    [InlineData("ps --filter color=red", 2, "no key 'color'", "label")]
    [InlineData("ps --filter state", 2, "has no value", "KEY=VALUE")]
    [InlineData("ps --filter label=stage=", 2, "--filter 'stage=' has no value", "stage alone")]
    [InlineData("ps --filter label=stage=a --filter label=stage=b", 2, "another value of 'stage'", "once")]
    [InlineData("volume prune -f -l stage=", 2, "--label 'stage=' has no value", "stage alone")]
    [InlineData("volume ls -l stage=a -l stage", 2, "another value of 'stage'", "once")]
    [InlineData("events --since 1764318704000", 2, "--since '1764318704000' is not a time", "Unix seconds")]
    [InlineData("logs --until Infinity c", 2, "--until 'Infinity' is not a time", "10m")]
    [InlineData("run --env-file  img", 125, "--env-file '' cannot be read", "NAME=VALUE")]
    [InlineData("agent create -f  name", 2, "--file '' cannot be read", "stdin")]
    [InlineData("build -f  .", 2, "--file '' cannot be read", "stdin")]
    [InlineData("build --secret id=a,src= .", 2, "the file '' of the secret 'a'", "src=FILE")]
    [InlineData("mcp install cursor --file ", 2, "--file '' names no file", "--file")]
    [InlineData("logs --tail x c", 2, "--tail 'x'", "a number")]
    [InlineData("logs --stream both c", 2, "no stream 'both'", "stderr")]
    [InlineData("logs --since yesterday c", 2, "--since 'yesterday'", "10m")]
    [InlineData("events --since now", 2, "--since 'now'", "10m")]
    [InlineData("kill -s NOPE c", 2, "'NOPE' is not a signal", "TERM")]
    [InlineData("stop -t soon c", 2, "'soon' is not a duration", "30s")]
    [InlineData("completion csh", 2, "no completion for 'csh'", "bash")]
    [InlineData("tool", 2, "tool is no command by itself", "quilt tool call")]
    [InlineData("tool lss", 2, "no command 'tool lss'", "'tool ls'")]
    [InlineData("agent token", 2, "agent token is no command by itself", "quilt agent token revoke")]
    [InlineData("mcp nothing", 2, "mcp does not take 'nothing'", "usage: quilt mcp")]
    [InlineData("mcp install emacs", 2, "no MCP client 'emacs'", "claude-code")]
    [InlineData("mcp install zed --name a.b", 2, "'a.b' is not a server's name", "letters")]
    [InlineData("mcp install zed --token x", 2, "is not written into", "--token-file")]
    [InlineData("mcp install zed --token-file /nonexistent", 2, "'/nonexistent' is not there", "agent create -q")]
    [InlineData("tool call x {", 2, "no JSON: line 1, byte 2", "one JSON object")]
    [InlineData("tool call x []", 2, "no JSON object", "one JSON object")]
    [InlineData("tool call", 2, "tool call needs NAME", "usage: quilt tool call")]
    [InlineData("tool ls --scope odd", 2, "--scope 'odd'", "primitive")]
    [InlineData("agent create", 2, "needs a name", "NAME")]
    [InlineData("agent create -f /nonexistent x", 2, "'/nonexistent' cannot be read", "stdin")]
    [InlineData("agent run task", 2, "needs --config", "usage: quilt agent run")]
    [InlineData("audit --outcome odd", 2, "no outcome 'odd'", "denied")]
    [InlineData("audit --since now", 2, "--since 'now'", "first column")]
    [InlineData("audit --limit 0", 2, "--limit '0'", "above 0")]
    [InlineData("--token a\u0007b ps", 2, "--token is empty or has characters", "agent create")]
    [InlineData("help nothing", 2, "no command 'nothing'", "quilt help")]
    public async Task Wrong_usage_is_named_with_a_remedy(string line, int exitCode, string message, string remedy)
    {
        (int code, string stdout, string stderr) = await CommandLine.Run(line.Split(' '));
        Assert.Equal(exitCode, code);
        Assert.Empty(stdout);
        string[] lines = stderr.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(2, lines.Length);
        Assert.StartsWith("quilt: ", lines[0], StringComparison.Ordinal);
        Assert.Contains(message, lines[0], StringComparison.Ordinal);
        Assert.StartsWith("  remedy: ", lines[1], StringComparison.Ordinal);
        Assert.Contains(remedy, lines[1], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("run -z img")]
    [InlineData("ps -x")]
    [InlineData("rm -k c")]
    public async Task A_letter_that_is_no_option_is_not_mistaken_for_another(string line)
    {
        (_, _, string stderr) = await CommandLine.Run(line.Split(' '));
        Assert.DoesNotContain("did you mean", stderr, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ps", 1)]
    [InlineData("run --rm -- true", 125)]
    [InlineData("exec c true", 125)]
    [InlineData("create", 125)]
    [InlineData("rm c", 1)]
    [InlineData("tool ls", 1)]
    [InlineData("agent ls", 1)]
    [InlineData("mcp", 1)]
    public async Task Without_a_daemon_the_remedy_is_to_start_it(string line, int exitCode)
    {
        (int code, string stdout, string stderr) = await CommandLine.Run(["--host", CommandLine.NoDaemon, .. line.Split(' ')]);
        Assert.Equal(exitCode, code);
        Assert.Empty(stdout);
        Assert.Contains($"no quiltd listens at {CommandLine.NoDaemon}", stderr, StringComparison.Ordinal);
        Assert.Contains("systemctl start quilt", stderr, StringComparison.Ordinal);
    }

    [Fact]
    public async Task With_json_an_error_is_one_object()
    {
        (int code, string stdout, string stderr) = await CommandLine.Run("--host", CommandLine.NoDaemon, "ps", "--json");
        Assert.Equal(1, code);
        Assert.Empty(stdout);
        JsonElement error = JsonDocument.Parse(stderr).RootElement.GetProperty("error");
        Assert.Equal(["code", "message", "field", "remedy"], error.EnumerateObject().Select(p => p.Name));
        Assert.Equal("unavailable", error.GetProperty("code").GetString());
    }

    [Fact]
    public async Task A_wrong_option_with_json_is_told_as_json()
    {
        (int code, _, string stderr) = await CommandLine.Run("ps", "--json", "--filtr", "x");
        Assert.Equal(2, code);
        Assert.Equal("--filtr", JsonDocument.Parse(stderr).RootElement.GetProperty("error").GetProperty("field").GetString());
    }

    [Fact]
    public async Task Json_among_the_commands_own_words_is_not_ours()
    {
        (_, _, string stderr) = await CommandLine.Run("--host", CommandLine.NoDaemon, "run", "img", "tool", "--json");
        Assert.StartsWith("quilt: ", stderr, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_program_that_runs_agents_is_missed_by_name()
    {
        (int code, string stdout, string stderr) = await CommandLine.Run("agent", "run", "--config", "x.yaml", "do it");
        Assert.Equal((1, ""), (code, stdout));
        Assert.Contains("quilt-cognition is not installed beside quilt", stderr, StringComparison.Ordinal);
        Assert.Contains("  remedy: ", stderr, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Version_alone_asks_no_daemon()
    {
        (int code, string stdout, _) = await CommandLine.Run("--version");
        Assert.Equal(0, code);
        Assert.Matches(@"^quilt \d+\.\d+\.\d+\n$", stdout);
    }

    [Fact]
    public async Task The_version_command_tells_the_programs_own_also_without_a_daemon()
    {
        (int code, string stdout, string stderr) = await CommandLine.Run("--host", CommandLine.NoDaemon, "version", "--json");
        Assert.Equal(1, code);
        JsonElement version = JsonDocument.Parse(stdout).RootElement;
        Assert.Equal("quilt.v1", version.GetProperty("client").GetProperty("api").GetString());
        Assert.Equal(JsonValueKind.Null, version.GetProperty("daemon").ValueKind);
        Assert.Contains("unavailable", stderr, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_doctor_works_without_a_daemon_and_fails_for_want_of_it()
    {
        (int code, string stdout, _) = await CommandLine.Run("--host", CommandLine.NoDaemon, "doctor", "--json");
        Assert.Equal(1, code);
        JsonElement report = JsonDocument.Parse(stdout).RootElement;
        Assert.False(report.GetProperty("ok").GetBoolean());
        JsonElement[] findings = [.. report.GetProperty("findings").EnumerateArray()];
        Assert.Contains(findings, f => f.GetProperty("name").GetString() == "kernel" && f.GetProperty("ok").GetBoolean());
        JsonElement daemon = Assert.Single(findings, f => f.GetProperty("name").GetString() == "quiltd");
        Assert.Contains("systemctl start quilt", daemon.GetProperty("remedy").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public void The_exit_codes_are_the_ones_in_the_table() => Assert.Equal(
        [(ErrorCode.Internal, 1, 125), (ErrorCode.InvalidArgument, 2, 125), (ErrorCode.NotFound, 3, 125), (ErrorCode.AlreadyExists, 4, 125), (ErrorCode.FailedPrecondition, 5, 125),
            (ErrorCode.PermissionDenied, 1, 125), (ErrorCode.ResourceExhausted, 6, 125), (ErrorCode.Unavailable, 1, 125), (ErrorCode.DeadlineExceeded, 124, 125),
            (ErrorCode.Aborted, 1, 125), (ErrorCode.Unimplemented, 1, 125), (ErrorCode.CommandNotFound, 127, 127), (ErrorCode.CommandNotExecutable, 126, 126), (ErrorCode.Unauthenticated, 1, 125)],
        Enum.GetValues<ErrorCode>().Select(c => (c, ExitCodes.Of(c), ExitCodes.Of(c, endsAsItsCommand: true))));

    [Fact]
    public void Who_calls_is_said_by_an_option_a_variable_or_a_file()
    {
        string file = Path.GetTempFileName();
        File.WriteAllText(file, "from-file\n");
        Dictionary<string, string> variables = new() { ["QUILT_TOKEN_FILE"] = file };
        Assert.Equal(new Caller("from-file", null), Caller.Choose(null, null, variables.GetValueOrDefault));
        variables["QUILT_TOKEN"] = "from-variable";
        variables["QUILT_SESSION"] = "s1";
        Assert.Equal(new Caller("from-variable", "s1"), Caller.Choose(null, null, variables.GetValueOrDefault));
        Caller caller = Caller.Choose("from-option", "s2", variables.GetValueOrDefault);
        Assert.Equal([("authorization", "Bearer from-option"), ("quilt-session", "s2")], caller.ToMetadata()!.Select(e => (e.Key, e.Value)));
        Assert.DoesNotContain("from-option", caller.ToString(), StringComparison.Ordinal);
        Assert.Null(Caller.Choose(null, null, _ => null).ToMetadata());
        File.Delete(file);
        variables.Remove("QUILT_TOKEN");
        Assert.Equal("QUILT_TOKEN_FILE", Assert.Throws<QuiltException>(() => Caller.Choose(null, null, variables.GetValueOrDefault)).Field);
    }

    [Fact]
    public void The_environment_names_the_daemon_where_no_option_does()
    {
        Assert.Equal("/a", DaemonAddress.Choose(null, "unix:///a").SocketPath);
        Assert.Equal("/b", DaemonAddress.Choose("unix:///b", "unix:///a").SocketPath);
        Assert.Equal("/run/quilt/quilt.sock", DaemonAddress.Choose(null, "").SocketPath);
        Assert.Equal("QUILT_HOST", Assert.Throws<QuiltException>(() => DaemonAddress.Choose(null, "http://x")).Field);
    }
}
