using System.Text.Json;
using Google.Protobuf.WellKnownTypes;
using Google.Rpc;
using Quilt.Api.V1;
using Quilt.Testing;
using Xunit;
using static Quilt.Daemon.Tests.TestContainers;

namespace Quilt.Daemon.Tests;

/// <summary>Files of containers kept, gone back to, and made others of.</summary>
public sealed class SnapshotTests(DaemonFixture fixture)
{
    private const string Change = """
        echo one > /file; ln /file /second; chmod 4711 /file; chown 7:8 /file; mkdir -p /srv/deep; echo x > /srv/deep/x; ln -s deep/x /srv/link
        rm /etc/hosts; rm -r /var; mkdir /var; mkfifo /fifo; touch -d '2020-01-02 03:04:05' /srv/deep; chmod 711 /; dd if=/dev/zero of=/sparse bs=1 count=1 seek=1048575 2>/dev/null
        bytes="$(printf 'b\377')"; echo bytes > "/srv/$bytes"; ln -s "$bytes" /srv/other
        """;

    private const string Look = """
        cat /file /srv/link /srv/other; stat -c '%n %a %u %g %h' /file /second /; ls /etc/hosts 2>&1; ls -A /var; test -p /fifo && echo fifo; stat -c %Y /srv/deep; stat -c %s /sparse
        """;

    private readonly QuiltService.QuiltServiceClient _client = fixture.Client;

    [Fact]
    public async Task Eight_forks_have_what_their_source_had_and_each_goes_its_own_way()
    {
        Container dev = await _client.Run(new ContainerSpec { Name = "dev8", Labels = { ["team"] = "a" }, Env = { ["MODE"] = "test" }, Hostname = "source" });
        Assert.Equal(0, (await _client.Exec(dev.Id, Change)).ExitCode);
        string seen = (await _client.Exec(dev.Id, Look)).Stdout;
        JsonElement forked = await _client.Tool("forkContainer", new { container = "dev8", count = 8 });
        JsonElement[] forks = [.. forked.GetProperty("containers").EnumerateArray()];
        Assert.Equal(Enumerable.Range(1, 8).Select(n => $"dev8-{n}"), forks.Select(f => f.Text("name")));
        Assert.Equal(8, forks.Select(f => f.Id()).Distinct().Count());
        Assert.All(forks, f => Assert.Equal("running", f.Text("state")));
        await _client.Exec(dev.Id, "echo source > /file");
        foreach (JsonElement fork in forks)
        {
            Assert.Equal(seen, (await _client.Exec(fork.Id(), Look)).Stdout);
            Assert.Equal((0, $"{fork.Id()[..12]} test\n", ""), await _client.Exec(fork.Id(), "echo $(hostname) $MODE"));
            Assert.Equal((0, "", ""), await _client.Exec(fork.Id(), $"echo {fork.Text("name")} > /file; rm /srv/link; echo back > /etc/hosts"));
            Assert.Equal("a", fork.GetProperty("labels").Text("team"));
        }

        foreach (JsonElement fork in forks)
        {
            Assert.Equal((0, $"{fork.Text("name")}\nback\n", ""), await _client.Exec(fork.Id(), "cat /file /etc/hosts"));
        }

        Assert.Equal((0, "source\nx\n", ""), await _client.Exec(dev.Id, "cat /file /srv/link"));
        string snapshot = forked.GetProperty("snapshot").Id();
        Assert.True(Directory.Exists(FolderOf(snapshot)));
        await RemoveAll([dev.Id, .. forks.Select(f => f.Id())]);
        Assert.False(Directory.Exists(FolderOf(snapshot)));
        Assert.DoesNotContain(snapshot, await Ids("listSnapshots", new { all = true }));
    }

    [Fact]
    public async Task Forks_without_a_name_at_once_have_numbers_of_their_own()
    {
        Container source = await _client.Run();
        JsonElement[] made = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => _client.Tool("forkContainer", new { container = source.Id, count = 3 })));
        string[] names = [.. made.SelectMany(m => m.GetProperty("containers").EnumerateArray()).Select(c => c.Text("name"))];
        Assert.Equal(Enumerable.Range(1, 12).Select(n => $"{source.Name}-{n}").Order(StringComparer.Ordinal), names.Order(StringComparer.Ordinal));
        foreach (string name in names.Append(source.Name))
        {
            await _client.Remove(name);
        }
    }

    [Fact]
    public async Task A_fork_of_a_fork_has_the_changes_of_both_and_one_that_changed_nothing_costs_nothing()
    {
        Container dev = await _client.Run();
        await _client.Exec(dev.Id, "echo 1 > /one; rm /etc/hosts; mkdir /d; echo a > /d/a; chmod 700 /");
        string first = await ForkOne(new { container = dev.Id });
        await _client.Exec(first, "echo 2 > /two; rm -r /d; mkdir /d; echo b > /d/b; echo 1b > /one");
        JsonElement second = await _client.Tool("forkContainer", new { container = first });
        string grandchild = second.GetProperty("containers")[0].Id();
        Assert.Equal((0, "1b\n2\nb\n700\n", ""), await _client.Exec(grandchild, "cat /one /two; ls /d; stat -c %a /"));
        Assert.NotEqual(0, (await _client.Exec(grandchild, "ls /etc/hosts")).ExitCode);
        Assert.True(second.GetProperty("snapshot").GetProperty("size").GetInt64() > 0);

        JsonElement third = await _client.Tool("forkContainer", new { container = grandchild });
        Assert.Equal(0, third.GetProperty("snapshot").GetProperty("size").GetInt64());
        string last = third.GetProperty("containers")[0].Id();
        Assert.Equal((0, "1b\n2\nb\n700\n", ""), await _client.Exec(last, "cat /one /two; ls /d; stat -c %a /"));
        JsonElement[] lineage = [.. (await _client.Tool("getContainerStatus", new { container = last })).GetProperty("lineage").EnumerateArray()];
        Assert.Equal([grandchild, first, dev.Id], lineage.Select(l => l.Text("container")));

        // What is below lives as long as what is above.
        await RemoveAll([dev.Id, first, grandchild]);
        Assert.Equal((0, "1b\n2\nb\n", ""), await _client.Exec(last, "cat /one /two; ls /d"));
        await _client.StopContainerAsync(new StopContainerRequest { Container = last, Timeout = new() }, cancellationToken: Cancellation);
        await _client.Start(last);
        Assert.Equal((0, "1b\n", ""), await _client.Exec(last, "cat /one"));
        await RemoveAll([last]);
        Assert.All(lineage, l => Assert.False(Directory.Exists(FolderOf(l.Text("snapshot")))));
    }

    [Fact]
    public async Task Snapshots_that_wait_for_a_commit_of_their_container_keep_no_other_work_of_their_agent_waiting()
    {
        await using DaemonProcess daemon = await DaemonProcess.StartAsync();
        Container big = await daemon.Client.Run(), other = await daemon.Client.Run();
        Assert.Equal(0, (await daemon.Client.Exec(big.Id, "head -c 134217728 /dev/urandom > /big")).ExitCode);
        Task commit = daemon.Client.Tool("commitContainer", new { container = big.Id, reference = "big:1" });
        string images = Path.Combine(daemon.StateDir, "images");
        await Deadline.Until(() => commit.IsCompleted || new DirectoryInfo(images).EnumerateFiles("*", SearchOption.AllDirectories).Any(f => f.Length > 16 << 20));
        Task[] waiting = [.. Enumerable.Range(0, 3).Select(n => daemon.Client.Tool("snapshotContainer", new { container = big.Id, name = $"waits-{n}" }))];
        await daemon.Client.Tool("snapshotContainer", new { container = other.Id, name = "goes" });
        Assert.False(commit.IsCompleted);
        await commit;
        await Task.WhenAll(waiting);
    }

    [Fact]
    public async Task One_that_is_to_be_restored_runs_again_also_where_that_is_given_up_while_it_is_stopped()
    {
        ContainerSpec spec = Shell("trap 'echo stopping' TERM; echo ready; while :; do sleep 0.05; done");
        (spec.Name, spec.StopTimeout) = ("given-up", Duration.FromTimeSpan(TimeSpan.FromSeconds(1)));
        Container running = await _client.Run(spec);
        await Eventually(async () => (await _client.Logs(running.Id)).Contains("ready", StringComparison.Ordinal));
        await _client.Tool("snapshotContainer", new { container = running.Id, name = "given-up" });
        using CancellationTokenSource givenUp = new();
        Task restoring = _client.Tool("restoreContainer", new { container = running.Id, snapshot = "given-up", force = true }, cancellation: givenUp.Token);
        await Eventually(async () => (await _client.Logs(running.Id)).Contains("stopping", StringComparison.Ordinal));
        await givenUp.CancelAsync();
        await Assert.ThrowsAnyAsync<Exception>(() => restoring);
        await Eventually(async () => await _client.Get(running.Id) is { State: ContainerState.Running } now && !now.StartedAt.Equals(running.StartedAt));
        await RemoveAll([running.Id]);
        await _client.Tool("removeSnapshot", new { snapshot = "given-up" });
    }

    [Fact]
    public async Task A_container_is_again_as_it_was_and_runs_again()
    {
        Container dev = await _client.Run(new ContainerSpec { Name = "back" });
        await _client.Exec(dev.Id, "echo good > /state; chmod 711 /; mkdir /kept");
        JsonElement taken = await _client.Tool("snapshotContainer", new { container = "back", name = "good" });
        Assert.True(taken.GetProperty("stillMs").GetDouble() > 0);
        await _client.Exec(dev.Id, "echo bad > /state; chmod 777 /; rm -r /kept /etc/hosts");
        ErrorDetail running = await _client.ToolRefused("restoreContainer", new { container = "back", snapshot = "good" });
        Assert.Equal(("failed_precondition", "force"), (running.Code, running.Field));
        Assert.Equal((0, "bad\n", ""), await _client.Exec(dev.Id, "cat /state"));

        Assert.Equal("running", (await _client.Tool("restoreContainer", new { container = "back", snapshot = "good", force = true })).GetProperty("container").Text("state"));
        Assert.Equal((0, "good\n711\n", ""), await _client.Exec(dev.Id, "cat /state; stat -c %a /; ls -d /kept /etc/hosts > /dev/null"));

        // Again, of a stopped one, which stays so; and one that was only created.
        await _client.Exec(dev.Id, "echo worse > /state");
        await _client.StopContainerAsync(new StopContainerRequest { Container = "back", Timeout = new() }, cancellationToken: Cancellation);
        Assert.Equal("exited", (await _client.Tool("restoreContainer", new { container = "back", snapshot = "good" })).GetProperty("container").Text("state"));
        await _client.Start("back");
        Assert.Equal((0, "good\n", ""), await _client.Exec(dev.Id, "cat /state"));
        Container made = await _client.Create();
        await _client.Tool("restoreContainer", new { container = made.Id, snapshot = "good" });
        await _client.Start(made.Id);
        Assert.Equal((0, "good\n", ""), await _client.Exec(made.Id, "cat /state"));
        await RemoveAll([dev.Id, made.Id]);
        await _client.Tool("removeSnapshot", new { snapshot = "good" });
        Assert.False(Directory.Exists(FolderOf(taken.GetProperty("snapshot").Id())));
    }

    [Fact]
    public async Task A_snapshot_outlives_its_container_and_its_files_outlive_its_name_while_something_stands_on_them()
    {
        Container dev = await _client.Run(new ContainerSpec { Name = "gone" });
        await _client.Exec(dev.Id, "echo kept > /state");
        string id = (await _client.Tool("snapshotContainer", new { container = "gone", name = "left" })).GetProperty("snapshot").Id();
        await RemoveAll([dev.Id]);
        Assert.Contains(id, await Ids("listSnapshots", new { container = "gone" }));
        JsonElement[] forks = [.. (await _client.Tool("forkContainer", new { snapshot = "left", count = 2, name = "heir" })).GetProperty("containers").EnumerateArray()];
        Assert.Equal(["heir-1", "heir-2"], forks.Select(f => f.Text("name")));
        Assert.Equal((0, "kept\n", ""), await _client.Exec("heir-1", "cat /state"));
        long counted = (await Usage()).GetProperty("bytes").GetInt64();
        Assert.True(counted >= 4096);

        Assert.False((await _client.Tool("removeSnapshot", new { snapshot = "left" })).GetProperty("deleted").GetBoolean());
        Assert.Equal("not_found", (await _client.ToolRefused("forkContainer", new { snapshot = "left" })).Code);
        Assert.DoesNotContain(id, await Ids("listSnapshots"));
        Assert.Equal((0, "kept\n", ""), await _client.Exec("heir-2", "cat /state"));
        Assert.True(Directory.Exists(FolderOf(id)));
        await RemoveAll([.. forks.Select(f => f.Id())]);
        Assert.False(Directory.Exists(FolderOf(id)));

        async Task<JsonElement> Usage() => (await _client.Tool("getDiskUsage")).GetProperty("items").EnumerateArray().Single(i => i.Text("what") == "snapshots");
    }

    [Fact]
    public async Task A_snapshot_is_of_one_moment_and_what_runs_runs_on()
    {
        Container busy = await _client.Run(Shell("n=0; while :; do n=$((n+1)); echo $n > /first; echo $n > /second; done"));
        await Eventually(async () => (await _client.Exec(busy.Id, "cat /second")).ExitCode == 0);
        for (int i = 0; i < 10; i++)
        {
            await _client.Tool("snapshotContainer", new { container = busy.Id, name = $"moment-{i}" });
            string looking = await ForkOne(new { snapshot = $"moment-{i}", start = false });
            string root = FolderOf((await _client.Tool("inspectSnapshot", new { snapshot = $"moment-{i}" })).GetProperty("snapshot").Id());
            string first = File.ReadAllText(Path.Combine(root, "first")), second = File.ReadAllText(Path.Combine(root, "second"));

            // The shell empties a file before it writes it.
            Assert.True(first.Length == 0 || second.Length == 0 || int.Parse(first, Invariant) - int.Parse(second, Invariant) is 0 or 1, $"{first} {second}");
            await RemoveAll([looking]);
            await _client.Tool("removeSnapshot", new { snapshot = $"moment-{i}" });
        }

        string before = (await _client.Exec(busy.Id, "cat /second")).Stdout;
        await Eventually(async () => (await _client.Exec(busy.Id, "cat /second")).Stdout != before);
        Assert.Equal(ContainerState.Running, (await _client.Get(busy.Id)).State);
        await RemoveAll([busy.Id]);
    }

    [Fact]
    public async Task One_that_is_paused_stays_so_and_one_that_is_only_created_is_forked_as_that()
    {
        Container paused = await _client.Run();
        await _client.Exec(paused.Id, "echo x > /x");
        await _client.PauseContainerAsync(new ContainerRequest { Container = paused.Id }, cancellationToken: Cancellation);
        string fork = await ForkOne(new { container = paused.Id });
        Assert.Equal(ContainerState.Paused, (await _client.Get(paused.Id)).State);
        Assert.Equal((0, "x\n", ""), await _client.Exec(fork, "cat /x"));
        await _client.UnpauseContainerAsync(new ContainerRequest { Container = paused.Id }, cancellationToken: Cancellation);
        Assert.Equal((0, "x\n", ""), await _client.Exec(paused.Id, "cat /x"));
        Container created = await _client.Create();
        string like = await ForkOne(new { container = created.Id });
        Assert.Equal(ContainerState.Created, (await _client.Get(like)).State);
        await RemoveAll([paused.Id, fork, created.Id, like]);
    }

    [Fact]
    public async Task One_with_a_limit_of_disk_is_forked_with_the_limit_and_restored_where_its_files_lie()
    {
        string dev = (await _client.Tool("createContainer", new { name = "ondisk", disk = "32MiB", autoStart = true })).Id();
        await _client.Exec(dev, "echo one > /state; rm /etc/hosts; chmod 711 /");
        await _client.Tool("snapshotContainer", new { container = dev, name = "ondisk-kept" });
        string fork = await ForkOne(new { container = dev });
        Assert.Equal((0, "one\n711\n", ""), await _client.Exec(fork, "cat /state; stat -c %a /"));
        Assert.NotEqual(0, (await _client.Exec(fork, "head -c 40000000 /dev/zero > /large")).ExitCode);
        await _client.Exec(dev, "echo two > /state; chmod 777 /; touch /new");
        await _client.Tool("restoreContainer", new { container = dev, snapshot = "ondisk-kept", force = true });
        Assert.Equal((0, "one\n711\n", ""), await _client.Exec(dev, "cat /state; stat -c %a /; ! test -e /new"));
        await RemoveAll([dev, fork]);
        await _client.Tool("removeSnapshot", new { snapshot = "ondisk-kept" });
    }

    [Fact]
    public async Task An_image_of_a_fork_has_the_files_of_its_snapshots()
    {
        Container dev = await _client.Run();
        await _client.Exec(dev.Id, "echo below > /below; rm /etc/hosts");
        string fork = await ForkOne(new { container = dev.Id });
        await _client.Exec(fork, "echo above > /above");
        await _client.Tool("commitContainer", new { container = fork, reference = "forked:1" });
        Container made = await _client.Run(new ContainerSpec { Image = "forked:1", Command = { "sh", "-c", "cat /below /above; ls /etc/hosts" } });
        Assert.Equal(1, (await _client.WaitExited(made.Id)).ExitCode);
        Assert.StartsWith("below\nabove\n", await _client.Logs(made.Id), StringComparison.Ordinal);
        await RemoveAll([dev.Id, fork, made.Id]);
        await _client.Tool("removeImage", new { image = "forked:1" });
    }

    [Fact]
    public async Task Networks_are_copied_where_that_is_asked_for_and_what_is_not_is_told()
    {
        await _client.Tool("createNetwork", new { name = "forknet" });
        string source = (await _client.Tool("createContainer", new { name = "wired", networks = new[] { "forknet" }, autoStart = true })).Id();
        JsonElement apart = await _client.Tool("forkContainer", new { container = source });
        Assert.Contains("forknet", Assert.Single(apart.GetProperty("warnings").EnumerateArray()).GetString(), StringComparison.Ordinal);
        JsonElement together = await _client.Tool("forkContainer", new { container = source, copyNetworks = true });
        Assert.Empty(together.GetProperty("warnings").EnumerateArray());
        JsonElement network = (await _client.Tool("listNetworks", new { network = "forknet" })).GetProperty("networks")[0];
        Assert.Equal(2, network.GetProperty("members").GetArrayLength());
        await RemoveAll([source, apart.GetProperty("containers")[0].Id(), together.GetProperty("containers")[0].Id()]);
        await _client.Tool("removeNetwork", new { network = "forknet" });
    }

    [Fact]
    public async Task Forks_are_all_or_none_within_the_grant_and_nobody_forks_anothers()
    {
        string token = await _client.Agent("""{"limits":{"containers":3,"snapshots":1}}"""), other = await _client.Agent();
        string dev = (await _client.Tool("createContainer", new { name = "mine", autoStart = true }, token)).Id();
        ErrorDetail beyond = await _client.ToolRefused("forkContainer", new { container = "mine", count = 3 }, token);
        Assert.Equal(("resource_exhausted", "limits.containers"), (beyond.Code, beyond.Field));
        Assert.Single((await _client.Tool("listContainers", null, token)).GetProperty("containers").EnumerateArray());
        Assert.Empty((await _client.Tool("listSnapshots", new { all = true }, token)).GetProperty("snapshots").EnumerateArray());
        Assert.Equal(2, (await _client.Tool("forkContainer", new { container = "mine", count = 2 }, token)).GetProperty("containers").GetArrayLength());

        await _client.Tool("snapshotContainer", new { container = "mine", name = "s" }, token);
        ErrorDetail second = await _client.ToolRefused("snapshotContainer", new { container = "mine", name = "t" }, token);
        Assert.Equal(("resource_exhausted", "limits.snapshots"), (second.Code, second.Field));
        foreach ((string tool, object arguments) in ((string, object)[])[
            ("snapshotContainer", new { container = dev, name = "x" }), ("forkContainer", new { container = dev }), ("forkContainer", new { snapshot = "s" }),
            ("inspectSnapshot", new { snapshot = "s" }), ("removeSnapshot", new { snapshot = "s" })])
        {
            Assert.Equal("not_found", (await _client.ToolRefused(tool, arguments, other)).Code);
        }

        // Shared to be used is not shared to be changed, nor to be copied.
        string friend = (await _client.Tool("getAgent", null, other)).GetProperty("agent").Id();
        await _client.Tool("shareContainer", new { container = dev, agent = friend }, token);
        Assert.Equal("permission_denied", (await _client.ToolRefused("forkContainer", new { container = dev }, other)).Code);
        Assert.Equal("permission_denied", (await _client.ToolRefused("snapshotContainer", new { container = dev, name = "x" }, other)).Code);
        await RemoveAll([.. (await _client.Tool("listContainers", null, token)).GetProperty("containers").EnumerateArray().Select(c => c.Id())]);
        await _client.Tool("removeSnapshot", new { snapshot = "s" }, token);
    }

    [Fact]
    public async Task Where_one_of_several_forks_cannot_be_made_none_is_and_the_source_runs_on()
    {
        Container dev = await _client.Run(new ContainerSpec { Name = "whole" }), taken = await _client.Run(new ContainerSpec { Name = "part-2" });
        await _client.Exec(dev.Id, "echo x > /x");
        int folders = Directory.GetDirectories(FolderOf("")).Length;
        ErrorDetail refused = await _client.ToolRefused("forkContainer", new { container = "whole", name = "part", count = 3 });
        Assert.Equal(("already_exists", "name"), (refused.Code, refused.Field));
        Assert.Equal("not_found", (await _client.ToolRefused("getContainerStatus", new { container = "part-1" })).Code);
        Assert.Equal(folders, Directory.GetDirectories(FolderOf("")).Length);
        Assert.Equal((0, "x\n", ""), await _client.Exec(dev.Id, "cat /x"));

        // Without a name of their own they take the numbers that are free.
        Container first = await _client.Run(new ContainerSpec { Name = "whole-1" });
        JsonElement forks = (await _client.Tool("forkContainer", new { container = "whole", count = 2 })).GetProperty("containers");
        Assert.Equal(["whole-2", "whole-3"], forks.EnumerateArray().Select(f => f.Text("name")));
        await RemoveAll([dev.Id, taken.Id, first.Id, .. forks.EnumerateArray().Select(f => f.Id())]);
    }

    [Fact]
    public async Task Snapshots_of_another_image_names_that_are_taken_and_depths_beyond_the_bound_are_refused()
    {
        Container dev = await _client.Run(new ContainerSpec { Name = "bounds" });
        await _client.Tool("snapshotContainer", new { container = "bounds", name = "once" });
        ErrorDetail twice = await _client.ToolRefused("snapshotContainer", new { container = "bounds", name = "once" });
        Assert.Equal(("already_exists", "name"), (twice.Code, twice.Field));
        await _client.Tool("buildImage", """{"tags":["bounds:1"],"dockerfileText":"FROM quilt/busybox\nRUN echo x > /x\n"}""");
        Container other = await _client.Create(new ContainerSpec { Image = "bounds:1" });
        ErrorDetail image = await _client.ToolRefused("restoreContainer", new { container = other.Id, snapshot = "once" });
        Assert.Equal(("failed_precondition", "snapshot"), (image.Code, image.Field));
        await _client.Tool("removeSnapshot", new { snapshot = "once" });

        List<string> chain = [dev.Id];
        for (int depth = 0; depth < 32; depth++)
        {
            await _client.Exec(chain[^1], $"echo {depth} > /f{depth}");
            chain.Add(await ForkOne(new { container = chain[^1] }));
        }

        Assert.Equal((0, "32\n", ""), await _client.Exec(chain[^1], "ls -d /f* | wc -l"));
        await _client.Exec(chain[^1], "echo x > /x");
        ErrorDetail deep = await _client.ToolRefused("forkContainer", new { container = chain[^1] });
        Assert.Equal(("failed_precondition", "container"), (deep.Code, deep.Field));
        Assert.Contains("32", deep.Message, StringComparison.Ordinal);
        Assert.Equal((0, "x\n", ""), await _client.Exec(chain[^1], "cat /x"));
        await RemoveAll([other.Id, .. chain]);
        await _client.Tool("removeImage", new { image = "bounds:1" });
    }

    [Theory]
    [InlineData("forkContainer", """{"container":"none"}""", "not_found", "container")]
    [InlineData("forkContainer", """{"snapshot":"none"}""", "not_found", "snapshot")]
    [InlineData("forkContainer", "{}", "invalid_argument", "container")]
    [InlineData("forkContainer", """{"container":"a","snapshot":"b"}""", "invalid_argument", "container")]
    [InlineData("forkContainer", """{"container":"a","count":0}""", "invalid_argument", "count")]
    [InlineData("forkContainer", """{"container":"a","count":65}""", "invalid_argument", "count")]
    [InlineData("snapshotContainer", """{"container":"none","name":"x"}""", "not_found", "container")]
    [InlineData("snapshotContainer", """{"container":"none","name":"x","memory":true}""", "unimplemented", "memory")]
    [InlineData("forkContainer", """{"container":"none","memory":true}""", "unimplemented", "memory")]
    [InlineData("snapshotContainer", """{"container":"none","name":"../x"}""", "invalid_argument", "name")]
    [InlineData("snapshotContainer", """{"container":"none"}""", "invalid_argument", "name")]
    [InlineData("restoreContainer", """{"container":"none","snapshot":"x"}""", "not_found", "container")]
    [InlineData("inspectSnapshot", """{"snapshot":"none"}""", "not_found", "snapshot")]
    [InlineData("removeSnapshot", """{"snapshot":"none"}""", "not_found", "snapshot")]
    public async Task Bad_input_is_refused_with_code_and_field(string tool, string arguments, string code, string field)
    {
        ErrorDetail error = await _client.ToolRefused(tool, arguments);
        Assert.Equal((code, field), (error.Code, error.Field));
        Assert.NotEmpty(error.Remedy);
    }

    private static IFormatProvider Invariant => System.Globalization.CultureInfo.InvariantCulture;

    private string FolderOf(string snapshot) => Path.Combine(fixture.Daemon.StateDir, "snapshots", snapshot);

    private async Task<string> ForkOne(object arguments) => (await _client.Tool("forkContainer", arguments)).GetProperty("containers")[0].Id();

    private async Task<IEnumerable<string>> Ids(string tool, object? arguments = null) => (await _client.Tool(tool, arguments)).GetProperty("snapshots").EnumerateArray().Select(s => s.Id());

    private async Task RemoveAll(IEnumerable<string> containers)
    {
        foreach (string container in containers)
        {
            await _client.Remove(container);
        }
    }
}
