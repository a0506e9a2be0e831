using System.Diagnostics;
using System.Formats.Tar;
using System.IO.Compression;
using System.Text.Json;
using Quilt.Api.V1;
using Quilt.Testing;

namespace Quilt.Cli.Tests;

/// <summary>Commands of the whole: what it is, what is wrong, and tidying up.</summary>
public sealed class SystemTests(CliDaemon cli) : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_bundle_has_what_is_needed_and_no_secret()
    {
        const string secret = "hunter2-in-the-clear";
        await cli.Run("run", "-d", "--name", "bundled", "-e", $"PASSWORD={secret}1", "-l", $"note={secret}2", "--", "sh", "-c", $": {secret}3; echo {secret}4; exec sleep 1000");
        await cli.Run("exec", "bundled", "--", "echo", $"{secret}5");
        await cli.Run("run", "-d", "--name", "bundled-other", "--", "sleep", "1000");
        await cli.Run("snapshot", "bundled", "bundled-snapshot");
        await cli.Run("network", "create", "bundled-network");
        await File.WriteAllTextAsync(_folder["agent.yaml"], $"description: {secret}6\n", TestContext.Current.CancellationToken);
        await cli.Run("agent", "create", "-f", _folder["agent.yaml"], "bundled-agent");
        await cli.Run("connect", "bundled", "bundled-other:5432");
        CliResult made = await cli.Run("doctor", "--bundle", _folder["bundle.tar.gz"]);
        Assert.True(made.ExitCode == 0, made.Stdout + made.Stderr);
        Assert.Contains($"wrote {_folder["bundle.tar.gz"]} (", made.Stderr, StringComparison.Ordinal);
        Assert.Contains("not in it: environments, commands", made.Stderr, StringComparison.Ordinal);
        Dictionary<string, string> files = await FilesOf(_folder["bundle.tar.gz"]);
        Assert.All(files, f => Assert.DoesNotContain(secret, f.Value, StringComparison.Ordinal));
        Assert.Contains("ok", files["doctor.txt"], StringComparison.Ordinal);
        Assert.Contains("\"name\":\"bundled\"", files["containers.json"], StringComparison.Ordinal);
        Assert.Contains("\"name\":\"bundled-snapshot\"", files["snapshots.json"], StringComparison.Ordinal);
        Assert.Contains("\"name\":\"bundled-network\"", files["networks.json"], StringComparison.Ordinal);
        Assert.Contains("\"name\":\"bundled-agent\"", files["agents.json"], StringComparison.Ordinal);
        Assert.Contains("\"port\":5432", files["edges.json"], StringComparison.Ordinal);
        Assert.Contains("others are left out)", files["host/proc/cmdline"], StringComparison.Ordinal);
        Assert.Contains("quilt/busybox", files["images.json"], StringComparison.Ordinal);
        Assert.Contains("\"type\":\"container.started\"", files["events.json"], StringComparison.Ordinal);
        Assert.Contains("\"tool\":\"createContainer\"", files["audit.json"], StringComparison.Ordinal);
        Assert.Contains("quilt_containers{", files["metrics.txt"], StringComparison.Ordinal);
        Assert.Contains("MemTotal", files["host/proc/meminfo"], StringComparison.Ordinal);
        Assert.All(["info.json", "disk.json", "quiltd.log"], f => Assert.NotEmpty(files[f]));
        Assert.Equal(2, (await cli.Run("doctor", "--bundle", _folder["bundle.tar.gz"])).ExitCode); // it is there
        CliResult empty = await cli.Run("doctor", "--bundle", "");
        Assert.Equal(2, empty.ExitCode);
        Assert.Contains("--bundle is empty", empty.Stderr, StringComparison.Ordinal);
        await cli.Run("rm", "-f", "bundled", "bundled-other");
        await cli.Run("snapshot", "rm", "bundled-snapshot");
        await cli.Run("network", "rm", "bundled-network");
        await cli.Run("agent", "rm", "-f", "bundled-agent");
    }

    /// <summary>Its log is taken whole from the journal: what the daemon says at its most talkative, also of what went wrong.</summary>
    [Fact]
    public async Task A_bundle_has_the_daemons_log_and_that_has_no_secret()
    {
        const string secret = "hunter2-in-the-clear";
        string log = _folder["log"];
        await using DaemonProcess daemon = await DaemonProcess.StartByAsync(start => Process.Start(new ProcessStartInfo(
            "/bin/sh", ["-c", "exec \"$@\" >>\"$0\" 2>&1", log, start.FileName, .. start.ArgumentList.Select(a => a == "Warning" ? "Trace" : a)]))!);
        _folder.Script("journalctl", $"#!/bin/sh\n[ \"$1\" = --unit=quilt ] && exec cat {log}\n");
        Dictionary<string, string> environment = new() { ["QUILT_HOST"] = $"unix://{daemon.Socket}", ["PATH"] = $"{_folder.Path}:{Environment.GetEnvironmentVariable("PATH")}" };
        async Task<CliResult> Run(bool works, params string[] words)
        {
            CliResult run = await cli.RunWith(environment, $"{secret}-stdin", words);
            Assert.True(run.ExitCode == 0 == works, $"{string.Join(' ', words)}: {run.Stdout}{run.Stderr}");
            return run;
        }

        await Run(true, "run", "-d", "--name", "bundled", "-e", $"PASSWORD={secret}1", "-l", $"note={secret}2", "--", "sh", "-c", $": {secret}3; echo {secret}4; exec sleep 1000");
        await Run(true, "exec", "-i", "-e", $"PASSWORD={secret}5", "bundled", "--", "sh", "-c", $"cat >/file; echo {secret}6");
        await Run(true, "cp", "bundled:/file", _folder["file"]);
        await Run(false, "exec", "bundled", "--", $"{secret}7");
        await Run(false, "run", "--rm", "--", "/no-such", $"{secret}8");
        await Run(false, "tool", "call", "createContainer", $$"""{"environment":"{{secret}}9"}""");
        await Run(false, "login", "-u", "somebody", "--password-stdin", "127.0.0.1:1");
        string token = (await Run(true, "agent", "create", "-q", "bundled-agent")).Stdout.Trim();
        await Run(true, "--token", token, "ps");
        await Run(false, "--token", $"{secret}10", "ps");
        using (HttpClient http = daemon.Http())
        {
            http.DefaultRequestHeaders.Authorization = new("Bearer", token);
            using StringContent none = new($$"""{"command":["{{secret}}11"]}""", System.Text.Encoding.UTF8, "application/json");
            using HttpResponseMessage refused = await http.PostAsync("/v1/containers/none/exec", none, TestContext.Current.CancellationToken);
            Assert.False(refused.IsSuccessStatusCode);
        }

        await daemon.KillAsync();
        await daemon.RunAsync();
        CliResult made = await cli.RunWith(environment, null, "doctor", "--bundle", _folder["bundle.tar.gz"]);
        Assert.Contains("wrote ", made.Stderr, StringComparison.Ordinal);
        Dictionary<string, string> files = await FilesOf(_folder["bundle.tar.gz"]);
        Assert.Contains("listens on", files["quiltd.log"], StringComparison.Ordinal);
        Assert.Contains("in the database; its shim", files["quiltd.log"], StringComparison.Ordinal); // at its most talkative it says what it found
        Assert.All(files, f => Assert.DoesNotContain(secret, f.Value, StringComparison.Ordinal));
        Assert.All(files, f => Assert.DoesNotContain(token, f.Value, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Every_field_of_a_bundle_is_one_that_its_tool_tells()
    {
        foreach (BundleTable table in SupportBundle.Tables)
        {
            CliResult described = await cli.Run("tool", "describe", table.Tool, "--json");
            Assert.True(described.ExitCode == 0, described.Stderr);
            ToolAnswer tool = new(JsonElement.Parse(described.Stdout)), row = tool["outputSchema"]["properties"][table.List]["items"]["properties"];
            row = table.Within is { } within ? row[within]["properties"] : row;
            Assert.All(table.Fields, f => Assert.True(row[f].IsThere, $"{table.Tool} tells no {f}"));
            Assert.All(table.Arguments, a => Assert.True(tool["inputSchema"]["properties"][a.Key].IsThere, $"{table.Tool} takes no {a.Key}"));
            Assert.Equal(table.IsPaged, new ToolAnswer(tool["inputSchema"]["properties"].Json)["cursor"].IsThere && !table.Arguments.ContainsKey("limit"));
        }
    }

    [Fact]
    public async Task Of_many_events_a_bundle_has_the_last()
    {
        await using DaemonProcess daemon = await DaemonProcess.StartAsync();
        Container container = (await daemon.Client.CreateContainerAsync(
            new CreateContainerRequest { Spec = new ContainerSpec { Command = { "sleep", "1000" } }, AutoStart = true }, cancellationToken: TestContext.Current.CancellationToken)).Container;
        ContainerRequest it = new() { Container = container.Id };
        for (int i = 0; i < 520; i++)
        {
            await daemon.Client.PauseContainerAsync(it, cancellationToken: TestContext.Current.CancellationToken);
            await daemon.Client.UnpauseContainerAsync(it, cancellationToken: TestContext.Current.CancellationToken);
        }

        CliResult made = await cli.RunWith(new Dictionary<string, string> { ["QUILT_HOST"] = $"unix://{daemon.Socket}" }, "", "doctor", "--bundle", _folder["many.tar.gz"]);
        Assert.True(made.ExitCode == 0, made.Stdout + made.Stderr);
        string[] events = (await FilesOf(_folder["many.tar.gz"]))["events.json"].Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(1000, events.Length);
        Assert.Contains("\"container.unpaused\"", events[^1], StringComparison.Ordinal);
        Assert.DoesNotContain(events, e => e.Contains("\"container.created\"", StringComparison.Ordinal));
        await daemon.Client.RemoveContainerAsync(new RemoveContainerRequest { Container = container.Id, Force = true }, cancellationToken: TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task What_asks_no_daemon_does_without_an_address_of_one()
    {
        Dictionary<string, string> bogus = new() { ["QUILT_HOST"] = "bogus" };
        foreach (string line in (string[])["help", "completion bash", "__complete -- ps --f", "ps --help"])
        {
            CliResult done = await cli.RunWith(bogus, "", line.Split(' '));
            Assert.Equal((line, 0, ""), (line, done.ExitCode, done.Stderr));
            Assert.NotEmpty(done.Stdout);
        }

        Assert.Contains("QUILT_HOST 'bogus'", (await cli.RunWith(bogus, "", "doctor")).Stdout, StringComparison.Ordinal);
        CliResult asks = await cli.RunWith(bogus, "", "ps");
        Assert.Equal(2, asks.ExitCode);
        Assert.Contains("QUILT_HOST 'bogus'", asks.Stderr, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_the_kernel_s_command_line_what_matters_is_kept_and_a_secret_is_not()
    {
        string kept = KernelParameters.Known("BOOT_IMAGE=/vmlinuz root=UUID=0 cgroup_no_v1=all systemd.unified_cgroup_hierarchy=1 lsm=apparmor,bpf security=apparmor rd.luks.key=hunter2 memhunter2=x cgroup.token=hunter2 ds=nocloud;p=hunter2 quiet\n");
        Assert.Equal("cgroup_no_v1=all systemd.unified_cgroup_hierarchy=1 lsm=apparmor,bpf security=apparmor\n(7 others are left out)\n", kept);
    }

    [Fact]
    public async Task What_has_ended_and_nobody_needs_goes_when_it_is_asked_for()
    {
        await using DaemonProcess daemon = await DaemonProcess.StartAsync();
        Dictionary<string, string> environment = new() { ["QUILT_HOST"] = $"unix://{daemon.Socket}" };
        Task<CliResult> Run(params string[] words) => cli.RunWith(environment, "", words);
        await Run("run", "--name", "ended", "--", "true");
        await Run("run", "-d", "--name", "runs", "--", "sleep", "1000");
        await Run("volume", "create", "unused");
        await Run("tag", "quilt/busybox", "named:1");

        Assert.Equal(2, (await Run("system", "prune")).ExitCode); // nobody can be asked
        Assert.Equal(2, (await Run("volume", "prune")).ExitCode);
        Assert.Contains("ended", (await Run("ps", "-a")).Stdout, StringComparison.Ordinal);
        Assert.Equal(0, (await Run("system", "prune", "-f")).ExitCode);
        CliResult containers = await Run("ps", "-a");
        Assert.DoesNotContain("ended", containers.Stdout, StringComparison.Ordinal);
        Assert.Contains("runs", containers.Stdout, StringComparison.Ordinal);
        Assert.Contains("unused", (await Run("volume", "ls")).Stdout, StringComparison.Ordinal);
        Assert.Contains("\"freedBytes\"", (await Run("system", "prune", "-f", "--volumes", "--json")).Stdout, StringComparison.Ordinal);
        Assert.Equal("", (await Run("volume", "ls", "-q")).Stdout);
        Assert.Equal((await Run("info", "--json")).Stdout, (await Run("system", "info", "--json")).Stdout);
    }

    private static async Task<Dictionary<string, string>> FilesOf(string bundle)
    {
        Dictionary<string, string> files = [];
        await using GZipStream unpacked = new(File.OpenRead(bundle), CompressionMode.Decompress);
        await using TarReader tar = new(unpacked);
        while (await tar.GetNextEntryAsync(cancellationToken: TestContext.Current.CancellationToken) is { } entry)
        {
            files[entry.Name["quilt-bundle/".Length..]] = await new StreamReader(entry.DataStream ?? Stream.Null).ReadToEndAsync(TestContext.Current.CancellationToken);
        }

        return files;
    }
}
