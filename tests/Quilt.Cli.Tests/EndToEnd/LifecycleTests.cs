using System.Diagnostics;
using System.Text.Json;
using Quilt.Linux;
using Quilt.Testing;

namespace Quilt.Cli.Tests;

/// <summary>The other commands, on containers that are made for each test.</summary>
public sealed class LifecycleTests(CliDaemon daemon)
{
    private readonly string _name = $"t-{Guid.NewGuid():N}";

    [Fact]
    public async Task A_container_is_created_started_stopped_restarted_and_removed()
    {
        Assert.Equal(32, (await daemon.Run("create", "--name", _name, "--", "sleep", "1000")).Stdout.TrimEnd().Length);
        Assert.Equal("created", await State());
        CliResult start = await daemon.Run("start", _name);
        Assert.Equal((0, _name + "\n"), (start.ExitCode, start.Stdout));
        Assert.Equal("running", await State());
        Assert.Equal(5, (await daemon.Run("start", _name)).ExitCode);
        Assert.Equal(5, (await daemon.Run("rm", _name)).ExitCode);
        Assert.Equal("running", await State());
        JsonElement stopped = Assert.Single(Json(await daemon.Run("stop", "-t", "5s", "--json", _name)).EnumerateArray());
        Assert.Equal("exited", stopped.GetProperty("state").GetString());
        Assert.Equal(0, (await daemon.Run("restart", _name)).ExitCode);
        Assert.Equal("running", await State());
        Assert.Equal(0, (await daemon.Run("kill", _name)).ExitCode);
        Assert.Equal("137\n", (await daemon.Run("wait", _name)).Stdout);
        Assert.Equal(0, (await daemon.Run("rm", _name)).ExitCode);
        Assert.Equal(3, (await daemon.Run("inspect", _name)).ExitCode);
    }

    [Fact]
    public async Task A_paused_container_goes_on_when_told_to()
    {
        await daemon.Run("run", "-d", "--name", _name, "--", "sleep", "1000");
        Assert.Equal(0, (await daemon.Run("pause", _name)).ExitCode);
        Assert.Equal("paused", await State());
        Assert.Equal(0, (await daemon.Run("unpause", _name)).ExitCode);
        Assert.Equal("running", await State());
        await daemon.Run("rm", "-f", _name);
    }

    [Fact]
    public async Task One_bad_name_among_several_fails_without_stopping_the_others()
    {
        await daemon.Run("create", "--name", _name);
        CliResult result = await daemon.Run("rm", "no-such-container", _name);
        Assert.Equal((3, _name + "\n"), (result.ExitCode, result.Stdout));
        Assert.Contains("no-such-container", result.Stderr, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_log_is_what_was_written_as_it_was()
    {
        await daemon.Run("run", "-d", "--name", _name, "--", "sh", "-c", "echo one; echo two >&2; echo three; printf four");
        await daemon.Run("wait", _name);
        CliResult log = await daemon.Run("logs", _name);
        Assert.Equal(("one\nthree\nfour", "two\n"), (log.Stdout, log.Stderr));
        Assert.Equal("four", (await daemon.Run("logs", "--stream", "stdout", "--tail", "1", _name)).Stdout);
        Assert.Equal("", (await daemon.Run("logs", "--stream", "stderr", _name)).Stdout);
        Assert.Equal("three\n", (await daemon.Run("logs", "--pattern", "^th", _name)).Stdout);
        Assert.Matches(@"^\d{4}-\d\d-\d\dT[\d:.]+Z one\n", (await daemon.Run("logs", "--timestamps", _name)).Stdout);
        Assert.Equal("one\nthree\nfour", (await daemon.Run("logs", "-f", _name)).Stdout);
        JsonElement[] lines = await Lines("logs", "--json", _name);
        Assert.Equal(["one\n", "three\n", "four"], lines.Where(l => l.GetProperty("stream").GetString() == "stdout").Select(l => l.GetProperty("text").GetString()));
        await daemon.Run("rm", _name);
    }

    [Fact]
    public async Task Waiting_ends_at_the_line_or_in_time()
    {
        await daemon.Run("run", "-d", "--name", _name, "--", "sh", "-c", "echo starting; echo listening on 80; sleep 1000");
        Assert.Equal("listening on 80\n", (await daemon.Run("wait", "--until", "log:^listen", "--timeout", "20s", _name)).Stdout);
        Assert.Equal(0, (await daemon.Run("wait", "--until", "running", _name)).ExitCode);
        Assert.Equal(124, (await daemon.Run("wait", "--timeout", "100ms", _name)).ExitCode);
        await daemon.Run("rm", "-f", _name);
    }

    [Fact]
    public async Task Lists_are_filtered_and_are_json_on_demand()
    {
        await daemon.Run("create", "--name", _name, "-l", $"test={_name}");
        Assert.Empty((await daemon.Run("ps", "-q", "--filter", $"label=test={_name}")).Stdout);
        JsonElement one = Assert.Single(Json(await daemon.Run("ps", "-a", "--json", "--filter", $"label=test={_name}")).EnumerateArray());
        Assert.Equal(_name, one.GetProperty("name").GetString());
        Assert.Equal(one.GetProperty("id").GetString() + "\n", (await daemon.Run("ps", "-q", "--filter", "state=created", "--filter", $"name={_name}")).Stdout);
        Assert.StartsWith("CONTAINER ID", (await daemon.Run("ps")).Stdout, StringComparison.Ordinal);
        await daemon.Run("rm", _name);
    }

    [Fact]
    public async Task Statistics_are_read_once_where_nobody_watches()
    {
        await daemon.Run("run", "-d", "--name", _name, "--", "sleep", "1000");
        JsonElement stats = Assert.Single(Json(await daemon.Run("stats", "--json", _name)).EnumerateArray());
        Assert.True(stats.GetProperty("memoryBytes").GetInt64() > 0);
        Assert.Contains(_name, (await daemon.Run("stats", _name)).Stdout, StringComparison.Ordinal);
        await daemon.Run("rm", "-f", _name);
    }

    [Fact]
    public async Task Events_go_on_from_a_cursor()
    {
        await daemon.Run("create", "--name", _name);
        await daemon.Run("rm", _name);
        JsonElement[] events = [.. (await Lines("events", "--json", "--since", "0")).Where(e => e.GetProperty("name").GetString() == _name)];
        Assert.Equal(["container.created", "container.removed"], events.Select(e => e.GetProperty("type").GetString()));
        long cursor = events[0].GetProperty("cursor").GetInt64();
        Assert.DoesNotContain(await Lines("events", "--json", "--since", $"{cursor}"), e => e.GetProperty("cursor").GetInt64() <= cursor);
    }

    [Fact]
    public async Task Events_are_of_a_span_of_time_and_following_ends_with_it()
    {
        await daemon.Run("create", "--name", _name);
        JsonElement created = Assert.Single(await Ours("--since", "10m"));
        Assert.Single(await Ours("--since", $"{DateTimeOffset.UtcNow.AddMinutes(-10).ToUnixTimeSeconds()}")); // no event has so large a number
        Assert.Equal("container.created", created.GetProperty("type").GetString());
        Assert.Empty(await Ours("--until", "10m"));
        string at = created.GetProperty("time").GetString()!;
        await daemon.Run("rm", _name);
        Assert.Single(await Ours("--until", at)); // that moment is in it
        Assert.Equal(2, (await Ours("--since", at)).Length);
        Assert.Equal(2, (await Ours("--since", at, "-f", "--until", DateTimeOffset.UtcNow.AddSeconds(1).ToString("O"))).Length);

        async Task<JsonElement[]> Ours(params string[] span) =>
            [.. (await Lines(["events", "--json", .. span])).Where(e => e.GetProperty("name").GetString() == _name)];
    }

    [Fact]
    public async Task Limits_of_several_are_changed_and_shown_as_a_person_reads_them()
    {
        string other = $"{_name}-b";
        await daemon.Run("create", "--name", _name, "--io", "read-bps=10MiB");
        await daemon.Run("create", "--name", other);
        CliResult changed = await daemon.Run("update", "--pids", "-1", "--io", "write-iops=100", _name, "no-such-container", other);
        Assert.Equal(3, changed.ExitCode);
        Assert.StartsWith($"{_name}\n", changed.Stdout, StringComparison.Ordinal);
        Assert.Contains($"\n{other}\n", changed.Stdout, StringComparison.Ordinal);
        Assert.Contains("no limit", changed.Stdout, StringComparison.Ordinal);
        Assert.Contains("own disk read 10MiB/s write unlimited", changed.Stdout, StringComparison.Ordinal);
        Assert.Contains("own disk read unlimited write 100 operations/s", changed.Stdout, StringComparison.Ordinal);
        Assert.Contains("no-such-container", changed.Stderr, StringComparison.Ordinal);
        Assert.StartsWith("Nothing changes: ", (await daemon.Run("update", "--pids", "-1", _name)).Stdout, StringComparison.Ordinal);
        Assert.Contains("own disk read unlimited write 100 operations/s", (await daemon.Run("inspect", _name)).Stdout, StringComparison.Ordinal);
        Assert.Equal(0, (await daemon.Run("rm", "-v", _name, other)).ExitCode);
    }

    [Fact]
    public async Task A_volume_is_told_by_its_name()
    {
        string volume = $"v{_name[..20]}".Replace('-', 'x');
        await daemon.Run("volume", "create", volume);
        await daemon.Run("create", "--name", _name, "-v", $"{volume}:/data");
        Assert.Contains($" {volume}:/data\n", (await daemon.Run("inspect", _name)).Stdout, StringComparison.Ordinal);
        Assert.Equal(volume, Json(await daemon.Run("inspect", "--json", _name)).GetProperty("mounts")[0].GetProperty("volumeName").GetString());
        await daemon.Run("rm", _name);
        Assert.Equal(0, (await daemon.Run("volume", "rm", volume)).ExitCode);
    }

    [Fact]
    public async Task The_daemon_tells_of_itself_and_its_images()
    {
        Assert.Equal("hybrid v1 v2".Split(' ').Order(), new[] { Json(await daemon.Run("info", "--json")).GetProperty("cgroupMode").GetString()! }.Union(["hybrid", "v1", "v2"]).Order());
        Assert.Contains(Json(await daemon.Run("images", "--json")).EnumerateArray(), i => i.GetProperty("reference").GetString()!.StartsWith("quilt/busybox", StringComparison.Ordinal));
        JsonElement version = Json(await daemon.Run("version", "--json"));
        Assert.Equal(version.GetProperty("client").GetProperty("api").GetString(), version.GetProperty("daemon").GetProperty("api").GetString());
        Assert.Equal(0, (await daemon.Run("doctor")).ExitCode);
    }

    [Fact]
    public async Task Without_permission_on_the_socket_the_remedy_is_its_group()
    {
        const string nobody = "65534";
        using TemporaryFolder folder = new();
        File.SetUnixFileMode(folder.Path, (UnixFileMode)0b111_101_101);
        ProcessStartInfo quilt = daemon.Start();
        File.Copy(quilt.FileName, folder["quilt"]);
        using Process process = Process.Start(new ProcessStartInfo("setpriv", [$"--reuid={nobody}", $"--regid={nobody}", "--clear-groups", folder["quilt"], "--host", daemon.Host, "ps"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        CliResult result = await CliDaemon.Finish(process);
        Assert.Equal(1, result.ExitCode);
        Assert.Contains("no permission to use quiltd's socket", result.Stderr, StringComparison.Ordinal);
        Assert.Contains("usermod -aG quilt", result.Stderr, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_daemon_that_does_not_answer_can_be_left()
    {
        using TemporaryFolder folder = new();
        using FileDescriptor silent = Sys.Listen(folder["quilt.sock"], stream: true);
        using Process process = Process.Start(daemon.Start("--host", $"unix://{folder["quilt.sock"]}", "run", "--", "true"))!;
        Assert.True(Sys.WaitReadable(silent, TimeSpan.FromSeconds(30)));
        using FileDescriptor connection = Sys.Accept(silent);
        Assert.True(Sys.WaitReadable(connection, TimeSpan.FromSeconds(30)));
        Sys.Kill(process.Id, Signals.Terminate);
        Assert.Equal(128 + Signals.Terminate, (await CliDaemon.Finish(process)).ExitCode);
    }

    private async Task<string> State() => Json(await daemon.Run("inspect", "--json", _name)).GetProperty("state").GetString()!;

    private async Task<JsonElement[]> Lines(params string[] words) =>
        [.. (await daemon.Run(words)).Stdout.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => JsonDocument.Parse(l).RootElement)];

    private static JsonElement Json(CliResult result) => JsonDocument.Parse(result.Bytes).RootElement;
}
