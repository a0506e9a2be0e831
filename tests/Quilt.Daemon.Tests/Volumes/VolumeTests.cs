using System.Formats.Tar;
using System.IO.Compression;
using System.Net.Sockets;
using System.Text.Json;
using Quilt.Api.V1;
using Quilt.Linux;
using Quilt.Testing;
using Xunit;
using static Quilt.Daemon.Tests.TestContainers;

namespace Quilt.Daemon.Tests;

/// <summary>Volumes outlive containers, are shared with the right owners, and come and go while containers run.</summary>
public sealed class VolumeTests(DaemonFixture fixture)
{
    private readonly QuiltService.QuiltServiceClient _client = fixture.Client;

    [Theory]
    [InlineData("local", null)]
    [InlineData("local", "32MiB")]
    [InlineData("tmpfs", "32MiB")]
    public async Task What_root_of_one_container_writes_is_roots_in_another_and_stays_when_both_are_gone(string type, string? size)
    {
        string name = await New(type: type, size: size);
        Container one = await _client.Run(), other = await _client.Run(new ContainerSpec { User = "0", Mounts = { new Mount { Type = "volume", Volume = name, Path = "/shared" } } });
        Assert.Equal("/data/deep", (await Attach(one, name, "/data/deep")).Text("path"));
        Assert.Equal((0, "", ""), await _client.Exec(one.Id, "echo hello > /data/deep/file; chown 1000:1000 /data/deep/file; mkdir /data/deep/own"));
        Assert.Equal((0, "hello\n1000:1000\n0:0\n0:0 755\n", ""), await _client.Exec(other.Id, "cat /shared/file; stat -c %u:%g /shared/file /shared/own; stat -c '%u:%g %a' /shared"));
        Assert.Equal((0, "0:0 755\n", ""), await _client.Exec(one.Id, "stat -c '%u:%g %a' /data"));
        Assert.Equal((0, "other\n", ""), await _client.Exec(other.Id, "echo other > /shared/own/file; cat /shared/own/file"));
        Assert.Equal((0, "other\n", ""), await _client.Exec(one.Id, "cat /data/deep/own/file"));

        // None has set-id programs or devices.
        Assert.Equal((0, "2\n", ""), await _client.Exec(one.Id, "grep ' /data/deep ' /proc/mounts | grep -o 'nosuid\\|nodev' | wc -l"));
        await Detach(one, name);
        Assert.Equal((0, "", ""), await _client.Exec(one.Id, "ls /data/deep"));
        await Remove(one, other);
        Container third = await _client.Run();
        await Attach(third, name, "/again");
        Assert.Equal((0, "hello\n", ""), await _client.Exec(third.Id, "cat /again/file"));
        await Remove(third);
        await _client.Tool("removeVolume", new { volume = name });
    }

    [Fact]
    public async Task An_attached_volume_is_there_again_after_a_restart_and_in_the_status_and_events()
    {
        string name = await New();
        Container container = await _client.Create();
        await Attach(container, name, "/before");
        await _client.Start(container.Id);
        Assert.Equal((0, "", ""), await _client.Exec(container.Id, "echo kept > /before/file"));
        await Attach(container, name, "/second", readOnly: true);
        Assert.NotEqual(0, (await _client.Exec(container.Id, "echo no > /second/file")).ExitCode);
        await _client.RestartContainerAsync(new RestartContainerRequest { Container = container.Id, Timeout = new() }, cancellationToken: Cancellation);
        Assert.Equal((0, "kept\nkept\n", ""), await _client.Exec(container.Id, "cat /before/file /second/file"));
        Assert.NotEqual(0, (await _client.Exec(container.Id, "echo no > /second/file")).ExitCode);
        JsonElement[] mounts = [.. (await _client.Tool("getContainerStatus", new { container = container.Id })).GetProperty("mounts").EnumerateArray()];
        Assert.Equal([("volume", "/before", name, false), ("volume", "/second", name, true)], mounts.Select(m => (m.Text("type"), m.Text("path"), m.Text("volume"), m.GetProperty("readOnly").GetBoolean())));
        Assert.Equal(2, (await _client.Get(container.Id)).Mounts.Count);
        Assert.Equal("path", (await _client.ToolRefused("detachVolume", new { container = container.Id, volume = name })).Field);
        await Detach(container, name, path: "/second");
        JsonElement view = (await _client.Tool("inspectVolume", new { volume = name })).GetProperty("volume");
        Assert.Equal(5, view.GetProperty("used").GetInt64());
        Assert.Equal("/before", Assert.Single(view.GetProperty("users").EnumerateArray()).Text("path"));
        string[] events = [.. (await _client.Tool("getEvents", new { container = container.Id })).GetProperty("events").EnumerateArray().Select(e => e.Text("type"))];
        Assert.Equal(2, events.Count(e => e == "volume.attached"));
        Assert.Contains("volume.detached", events);
        await Remove(container);
        await _client.Tool("removeVolume", new { volume = name });
    }

    [Fact]
    public async Task One_in_use_is_not_detached_and_told_by_whom_and_by_force_it_goes_from_sight()
    {
        string name = await New();
        Container container = await _client.Run();
        await Attach(container, name, "/data");
        string exec = (await _client.Tool("execInContainer", new { container = container.Id, command = new[] { "sh", "-c", "exec 3>/data/open; echo ready; sleep 1000" }, background = true })).Text("execId");
        await Eventually(async () => (await _client.Exec(container.Id, "test -e /data/open")).ExitCode == 0);
        ErrorDetail busy = await _client.ToolRefused("detachVolume", new { container = container.Id, volume = name });
        Assert.Equal(("failed_precondition", "force"), (busy.Code, busy.Field));
        Assert.Contains("sleep (process ", busy.Message, StringComparison.Ordinal);
        Assert.Equal((0, "open\n", ""), await _client.Exec(container.Id, "ls /data")); // nothing has changed
        ErrorDetail used = await _client.ToolRefused("removeVolume", new { volume = name });
        Assert.Equal("failed_precondition", used.Code);
        Assert.Contains(container.Name, used.Message, StringComparison.Ordinal);
        await _client.Tool("detachVolume", new { container = container.Id, volume = name, force = true });
        Assert.Equal((0, "", ""), await _client.Exec(container.Id, "ls /data"));
        await _client.Tool("killExec", new { execId = exec });
        await Remove(container);
        await _client.Tool("removeVolume", new { volume = name });
    }

    [Fact]
    public async Task With_one_that_is_detached_by_force_goes_what_is_mounted_below_and_volumes_there_are_back_at_once()
    {
        string outer = await New(), inner = await New();
        Container container = await _client.Run(new ContainerSpec { Tmpfs = { new Tmpfs { Path = "/data/memory" } }, Mounts = { new Mount { Type = "volume", Volume = outer, Path = "/data" } } });
        await Attach(container, inner, "/data/inner");
        Assert.Equal(0, (await _client.Exec(container.Id, "echo outer > /data/file; echo inner > /data/inner/file; echo x > /data/memory/file")).ExitCode);
        ErrorDetail below = await _client.ToolRefused("detachVolume", new { container = container.Id, volume = outer });
        Assert.Equal(("failed_precondition", "path"), Both(below));
        Assert.Contains("by force", below.Remedy, StringComparison.Ordinal);
        Assert.Equal((0, "file\ninner\nmemory\n", ""), await _client.Exec(container.Id, "ls /data"));

        await _client.Tool("detachVolume", new { container = container.Id, volume = outer, force = true });
        const string look = "cat /data/inner/file; test ! -e /data/file; test ! -e /data/memory/file";
        Assert.Equal((0, "inner\n", ""), await _client.Exec(container.Id, look));
        await _client.Tool("removeVolume", new { volume = outer });
        await _client.RestartContainerAsync(new RestartContainerRequest { Container = container.Id, Timeout = new() }, cancellationToken: Cancellation);
        Assert.Equal((0, "inner\n", ""), await _client.Exec(container.Id, look + " && echo y > /data/memory/file"));
        await Remove(container);
        await _client.Tool("removeVolume", new { volume = inner });
    }

    [Fact]
    public async Task The_volume_of_an_agent_that_is_removed_goes_also_where_something_is_mounted_below_it_in_another_s_container()
    {
        string parent = await _client.Agent(name: "volumes-above"), child = await _client.Agent(by: parent, name: "volumes-below");
        string id = (await _client.Tool("createVolume", new { name = "lent" }, child)).GetProperty("volume").Id();
        JsonElement container = await _client.Tool(
            "createContainer", new { autoStart = true, mounts = new object[] { new { type = "volume", volume = id, path = "/data" }, new { type = "tmpfs", path = "/data/memory" } } }, parent);
        await _client.Tool("removeAgent", new { agent = "volumes-below", force = true }, parent);
        Assert.DoesNotContain((await _client.Tool("listVolumes", null, parent)).GetProperty("volumes").EnumerateArray(), v => v.Id() == id);
        Assert.Equal((0, "", ""), await _client.Exec(container.Id(), "ls /data"));
        await _client.Tool("removeAgent", new { agent = "volumes-above", force = true });
    }

    [Fact]
    public async Task What_cannot_be_attached_is_refused_with_field_and_changes_nothing()
    {
        string name = await New(), second = await New();
        Container container = await _client.Run(new ContainerSpec { Tmpfs = { new Tmpfs { Path = "/scratch" } } });
        await _client.Exec(container.Id, "ln -s /proc /to-proc; ln -s /nowhere /dangling; touch /file; ln -s / /root-link; mkdir /real; ln -s ../../../real /to-real");
        await Attach(container, name, "/data");
        foreach (bool running in (bool[])[false, true])
        {
            // Also where it does not run: its next start would fail.
            await _client.Tool(running ? "startContainer" : "stopContainer", new { container = container.Id });
            foreach ((string path, string code) in ((string, string)[])
                [
                    ("relative", "invalid_argument"), ("/", "invalid_argument"), ("/a/../b", "invalid_argument"), ("/proc/1", "invalid_argument"), ("/sys", "invalid_argument"), ("/dev/x", "invalid_argument"),
                    ("/to-proc/sys", "invalid_argument"), ("/root-link", "invalid_argument"), ("/dangling", "invalid_argument"), ("/file", "invalid_argument"), ("/file/below", "invalid_argument"),
                    ("/data", "already_exists"), ("/scratch", "already_exists"),
                ])
            {
                ErrorDetail error = await _client.ToolRefused("attachVolume", new { container = container.Id, volume = second, path });
                Assert.Equal((running, path, code, "path"), (running, path, error.Code, error.Field));
            }
        }

        // A link is followed as those inside follow it, and never further than their root.
        Assert.Equal("/real", (await Attach(container, second, "/to-real")).Text("path"));
        Assert.Equal("already_exists", (await _client.ToolRefused("attachVolume", new { container = container.Id, volume = name, path = "/to-real" })).Code);
        Assert.Equal(("not_found", "volume"), Both(await _client.ToolRefused("attachVolume", new { container = container.Id, volume = "nothing", path = "/x" })));
        Assert.Equal(("not_found", "container"), Both(await _client.ToolRefused("attachVolume", new { container = "nobody", volume = name, path = "/x" })));
        ErrorDetail notThere = await _client.ToolRefused("detachVolume", new { container = container.Id, volume = second, path = "/elsewhere" });
        Assert.Equal(("not_found", "volume"), Both(notThere));
        Assert.Contains($"the volume '{second}' at '/elsewhere'", notThere.Message, StringComparison.Ordinal);
        Assert.Equal(2, (await _client.Get(container.Id)).Mounts.Count);
        await Remove(container);
        Assert.Equal(("not_found", "container"), Both(await _client.ToolRefused("attachVolume", new { container = container.Id, volume = name, path = "/x" })));

        Container readOnly = await _client.Run(new ContainerSpec { ReadOnlyRootfs = true });
        Assert.Equal(("failed_precondition", "path"), Both(await _client.ToolRefused("attachVolume", new { container = readOnly.Id, volume = name, path = "/missing" })));
        await Attach(readOnly, name, "/mnt");
        Assert.Equal(0, (await _client.Exec(readOnly.Id, "touch /mnt/x")).ExitCode);
        await Remove(readOnly);
        await _client.Tool("removeVolume", new { volume = name });
        await _client.Tool("removeVolume", new { volume = second });
    }

    [Theory]
    [InlineData("""{"name":"a/b"}""", "name", "invalid_argument")]
    [InlineData("""{"name":""}""", "name", "invalid_argument")]
    [InlineData("""{"name":"x","size":"1MiB"}""", "size", "invalid_argument")]
    [InlineData("""{"name":"x","type":"nfs"}""", "type", "invalid_argument")]
    [InlineData("""{"name":"taken"}""", "name", "already_exists")]
    public async Task A_volume_that_cannot_be_is_refused_and_there_is_none(string arguments, string field, string code)
    {
        string token = await _client.Agent();
        await _client.Tool("createVolume", new { name = "taken" }, token);
        Assert.Equal((code, field), Both(await _client.ToolRefused("createVolume", arguments, token)));
        Assert.Equal("taken", Assert.Single((await _client.Tool("listVolumes", null, token)).GetProperty("volumes").EnumerateArray()).Text("name"));
        await _client.Tool("removeVolume", new { volume = "taken" }, token);
    }

    [Fact]
    public async Task Volumes_are_their_agents_own_and_go_with_it()
    {
        string mine = await _client.Agent(name: "volumes-mine"), other = await _client.Agent(name: "volumes-other");
        await _client.Tool("createVolume", new { name = "data", labels = new { stage = "test" } }, mine);
        string id = (await _client.Tool("createVolume", new { name = "data" }, other)).GetProperty("volume").Id(); // the same name, another volume
        JsonElement container = await _client.Tool("createContainer", new { autoStart = true, mounts = new[] { new { type = "volume", volume = "data", path = "/data" } } }, mine);
        foreach (string tool in (string[])["inspectVolume", "removeVolume", "saveVolume"])
        {
            Assert.Equal(("not_found", "volume"), Both(await _client.ToolRefused(tool, new { volume = id }, mine)));
        }

        Assert.Equal(("not_found", "volume"), Both(await _client.ToolRefused("attachVolume", new { container = container.Id(), volume = id, path = "/x" }, mine)));
        Assert.Equal(("not_found", "mounts.volume"), Both(await _client.ToolRefused("createContainer", new { mounts = new[] { new { type = "volume", volume = id, path = "/x" } } }, mine)));
        Assert.Single((await _client.Tool("listVolumes", new { labels = new { stage = "" } }, mine)).GetProperty("volumes").EnumerateArray());
        Assert.Empty((await _client.Tool("listVolumes", new { labels = new { stage = "other" } }, mine)).GetProperty("volumes").EnumerateArray());
        await _client.Tool("createVolume", new { name = "spare" }, mine);
        Assert.Equal("spare", Assert.Single((await _client.Tool("listVolumes", new { unused = true }, mine)).GetProperty("volumes").EnumerateArray()).Text("name"));
        Assert.Equal(["spare"], (await _client.Tool("pruneVolumes", null, mine)).GetProperty("removed").EnumerateArray().Select(r => r.GetString()));
        await _client.Tool("removeAgent", new { agent = "volumes-mine", force = true });
        await _client.Tool("removeAgent", new { agent = "volumes-other", force = true });
        Assert.DoesNotContain((await _client.Tool("listVolumes")).GetProperty("volumes").EnumerateArray(), v => v.Text("name") == "data");
    }

    [Fact]
    public async Task A_volume_is_full_at_its_size_while_the_container_goes_on()
    {
        string name = await New(size: "16MiB");
        Container container = await _client.Run();
        await Attach(container, name, "/data");
        (int code, _, string error) = await _client.Exec(container.Id, "dd if=/dev/zero of=/data/fill bs=1M count=50");
        Assert.NotEqual(0, code);
        Assert.Contains("No space left on device", error, StringComparison.Ordinal);
        Assert.Equal((0, "5000000\n", ""), await _client.Exec(container.Id, "head -c 5000000 /dev/zero > /own; wc -c < /own"));
        await Remove(container);
        await _client.Tool("removeVolume", new { volume = name });
    }

    [Fact]
    public async Task Paths_of_the_host_are_mounted_by_grant_alone_and_no_link_leads_further()
    {
        using TemporaryFolder host = new();
        Directory.CreateDirectory(host["granted/sub"]);
        File.WriteAllText(host["granted/sub/file"], "host\n");
        File.WriteAllText(host["secret"], "secret\n");
        File.CreateSymbolicLink(host["granted/out"], host["secret"]);
        string token = await _client.Agent($$"""{"hostPaths":[{"path":"{{host["granted"]}}"}]}"""), none = await _client.Agent();
        object Mount(string source, bool readOnly) => new { autoStart = true, mounts = new[] { new { type = "bind", source, path = "/host", readOnly } } };
        Assert.Equal(("permission_denied", "mounts.source"), Both(await _client.ToolRefused("createContainer", Mount(host["granted"], true), none)));
        Assert.Equal(("permission_denied", "mounts.source"), Both(await _client.ToolRefused("createContainer", Mount(host["secret"], true), token)));
        Assert.Equal(("permission_denied", "mounts.source"), Both(await _client.ToolRefused("createContainer", Mount(host["granted/out"], true), token)));
        Assert.Equal(("permission_denied", "mounts.source"), Both(await _client.ToolRefused("createContainer", Mount(host["granted"], false), token)));
        Assert.Equal(("not_found", "mounts.source"), Both(await _client.ToolRefused("createContainer", Mount(host["granted/nothing"], true), token)));
        string id = (await _client.Tool("createContainer", Mount(host["granted/sub"], true), token)).Id();
        Assert.Equal((0, "host\n0:0\n", ""), await _client.Exec(id, "cat /host/file; stat -c %u:%g /host/file"));
        Assert.NotEqual(0, (await _client.Exec(id, "touch /host/new")).ExitCode);

        // What the place has become meanwhile is not followed at the next start.
        Directory.Move(host["granted/sub"], host["granted/moved"]);
        Directory.CreateSymbolicLink(host["granted/sub"], host.Path);
        ErrorDetail moved = await Fails(async () => await _client.RestartContainerAsync(new RestartContainerRequest { Container = id, Timeout = new() }, cancellationToken: Cancellation));
        Assert.Equal(("failed_precondition", "mounts"), Both(moved));
        await _client.Tool("removeContainer", new { container = id, force = true }, token);

        string file = (await _client.Tool("createContainer", new { autoStart = true, mounts = new[] { new { type = "bind", source = host["secret"], path = "/etc/secret" } } })).Id();
        Assert.Equal((0, "secret\n", ""), await _client.Exec(file, "cat /etc/secret"));
        await _client.Exec(file, "echo changed > /etc/secret");
        Assert.Equal("changed\n", File.ReadAllText(host["secret"]));
        await _client.Tool("removeContainer", new { container = file, force = true });
    }

    [Fact]
    public async Task A_daemon_that_is_killed_finds_its_volumes_and_what_is_attached_and_mends_what_it_had_begun()
    {
        await using DaemonProcess daemon = await DaemonProcess.StartAsync();
        foreach ((string type, string? size) in ((string, string?)[])[("local", null), ("local", "16MiB"), ("tmpfs", "16MiB")])
        {
            await daemon.Client.Tool("createVolume", size is null ? (object)new { name = $"v-{type}", type } : new { name = $"v-{type}-sized", type, size });
        }

        string[] names = ["v-local", "v-local-sized", "v-tmpfs-sized"];
        Container container = await daemon.Client.Run();
        foreach (string name in names)
        {
            await daemon.Client.Tool("attachVolume", new { container = container.Id, volume = name, path = $"/{name}" });
            await daemon.Client.Exec(container.Id, $"echo {name} > /{name}/file");
        }

        await daemon.KillAsync();

        // As if it had died between the word and the deed.
        using (FileDescriptor process = Sys.Open($"/proc/{container.Pid}/ns/mnt", OpenMode.ReadOnly), root = Sys.Open($"/proc/{container.Pid}/root", OpenMode.Path | OpenMode.Directory))
        {
            Assert.True(ForeignMounts.Detach(process, root, "v-local", lazily: false));
            Assert.False(ForeignMounts.Detach(process, root, "v-local", lazily: false));
        }

        string stray = Path.Combine(daemon.StateDir, "volumes", "0123456789abcdef");
        Directory.CreateDirectory(Path.Combine(stray, "data"));
        await daemon.RunAsync();
        Assert.False(Directory.Exists(stray));
        foreach (string name in names)
        {
            Assert.Equal((0, $"{name}\n", ""), await daemon.Client.Exec(container.Id, $"cat /{name}/file"));
        }

        await daemon.Client.Remove(container.Id);
        foreach (string name in names)
        {
            await daemon.Client.Tool("removeVolume", new { volume = name });
        }

        await Deadline.Until(() => LoopDevices.Of(daemon).Length == 0);
        Assert.Empty(Directory.EnumerateFileSystemEntries(Path.Combine(daemon.StateDir, "volumes")));
    }

    [Fact]
    public async Task Of_many_that_attach_one_place_at_once_one_does_and_a_removal_at_the_same_time_is_refused_or_first()
    {
        string name = await New();
        Container container = await _client.Run();
        string?[] outcomes = await Task.WhenAll(Enumerable.Range(0, 10).Select(async _ =>
        {
            try
            {
                await Attach(container, name, "/data");
                return null;
            }
            catch (Grpc.Core.RpcException e)
            {
                return e.Status.Detail;
            }
        }));
        Assert.Single(outcomes, o => o is null);
        Assert.Equal((0, "1\n", ""), await _client.Exec(container.Id, "grep -c ' /data ' /proc/mounts"));
        await Detach(container, name);
        Task<JsonElement> attach = _client.Tool("attachVolume", new { container = container.Id, volume = name, path = "/data" }), remove = _client.Tool("removeVolume", new { volume = name });
        await Task.WhenAll(attach, remove).ContinueWith(_ => { }, TaskScheduler.Default);
        Assert.NotEqual(attach.IsCompletedSuccessfully, remove.IsCompletedSuccessfully);
        await Remove(container);
        if (!remove.IsCompletedSuccessfully)
        {
            await _client.Tool("removeVolume", new { volume = name });
        }
    }

    [Fact]
    public async Task Against_renames_and_links_from_inside_a_volume_lands_inside_or_nowhere()
    {
        string name = await New();
        Container container = await _client.Run(Shell("mkdir /a /b; while :; do mv /a /c; ln -s ../../../../../../etc /a; rm /a; ln -s /proc/1/root/etc /a; rm /a; mv /c /a; done"));
        string[] mountsBefore = Mounts();
        for (int i = 0; i < 30; i++)
        {
            try
            {
                JsonElement mount = await Attach(container, name, "/a/place");
                await _client.Tool("detachVolume", new { container = container.Id, volume = name, force = true });
                Assert.Contains(mount.Text("path"), (string[])["/a/place", "/c/place", "/etc/place"]);
            }
            catch (Grpc.Core.RpcException)
            {
                // Refused: nowhere.
            }
        }

        Assert.False(Directory.Exists("/etc/place"));
        Assert.Equal(mountsBefore, Mounts());
        await Remove(container);
        await _client.Tool("removeVolume", new { volume = name });

        // Without the disks of other tests' daemons, which come and go beside this one.
        string[] Mounts() => [.. File.ReadLines("/proc/self/mountinfo").Where(l => !l.Contains("/quilt-test-", StringComparison.Ordinal) || l.Contains(fixture.Daemon.StateDir, StringComparison.Ordinal))];
    }

    [Fact]
    public async Task A_volume_whose_folder_was_renamed_is_detached_from_where_it_is_and_from_nowhere_else()
    {
        string name = await New(), other = await New();
        Container container = await _client.Run();
        await Attach(container, name, "/x/sys");
        await Attach(container, other, "/z/other");
        const string look = "grep -c ' /proc/sys ' /proc/self/mountinfo; grep -cE ' /(x|y)/sys ' /proc/self/mountinfo; echo more > /y/sys/file && echo writable";
        Assert.Equal("1\n1\nwritable\n", (await _client.Exec(container.Id, $"mv /x /y; ln -s /proc /x; mv /z /w; mkdir /z; {look}")).Stdout);

        await _client.Tool("detachVolume", new { container = container.Id, volume = name });
        Assert.Equal("1\n0\n", (await _client.Exec(container.Id, $"rm -rf /y/sys; {look} 2>/dev/null")).Stdout);
        Assert.Equal("1\n", (await _client.Exec(container.Id, "grep -c ' /w/other ' /proc/self/mountinfo")).Stdout);
        await _client.Tool("removeVolume", new { volume = name });

        await _client.ExecAsync(new ExecRequest { Container = container.Id, Command = { "sh", "-c", "cd /w/other; touch /held; until test -e /free; do sleep 0.02; done" }, Background = true }, cancellationToken: Cancellation);
        Assert.Equal(0, (await _client.Exec(container.Id, "until test -e /held; do sleep 0.02; done")).ExitCode);
        Assert.Equal("failed_precondition", (await _client.ToolRefused("detachVolume", new { container = container.Id, volume = other })).Code);
        Assert.Equal("1\n", (await _client.Exec(container.Id, "touch /free; grep -c ' /w/other ' /proc/self/mountinfo")).Stdout);
        await _client.Tool("detachVolume", new { container = container.Id, volume = other, force = true });
        Assert.Equal("0\n", (await _client.Exec(container.Id, "grep -c ' /w/other ' /proc/self/mountinfo")).Stdout);
        await Remove(container);
        await _client.Tool("removeVolume", new { volume = other });
    }

    [Fact]
    public async Task Volumes_whose_folders_were_exchanged_are_not_taken_for_each_other_and_none_is_hidden_by_another()
    {
        string one = await New(), two = await New(), three = await New();
        Container container = await _client.Run();
        await Attach(container, one, "/a/v");
        await Attach(container, two, "/b/v");
        Assert.Equal(("failed_precondition", "path"), Of(await _client.ToolRefused("attachVolume", new { container = container.Id, volume = three, path = "/a" })));
        Assert.Equal(0, (await _client.Exec(container.Id, "echo 1 > /a/v/one; echo 2 > /b/v/two; mv /a /t; mv /b /a; mv /t /b")).ExitCode);
        await _client.Tool("detachVolume", new { container = container.Id, volume = one });
        Assert.Equal((0, "two\n", ""), await _client.Exec(container.Id, "ls /a/v /b/v 2>/dev/null | grep -v : | grep ."));
        await Remove(container);
        foreach (string name in (string[])[one, two, three])
        {
            await _client.Tool("removeVolume", new { volume = name });
        }

        static (string, string) Of(ErrorDetail detail) => (detail.Code, detail.Field);
    }

    [Fact]
    public async Task A_volume_in_the_making_is_nobodys_yet()
    {
        string name = $"{await New()}-late";
        Container container = await _client.Run();
        byte[] content = [.. TarText.Of(t => _ = Enumerable.Range(0, 4_000).Aggregate(t, (to, i) => to.Add($"f{i}", "x")))[..^1024], .. Enumerable.Repeat((byte)7, 1024)];
        Task<ErrorDetail> loading = _client.ToolRefused("loadVolume", new { name, archive = new { content = Convert.ToBase64String(content) } });
        do
        {
            Assert.Equal("not_found", (await _client.ToolRefused("attachVolume", new { container = container.Id, volume = name, path = "/data" })).Code);
        }
        while (!loading.IsCompleted);

        Assert.Equal(("invalid_argument", "archive"), ((await loading).Code, (await loading).Field));
        Assert.Empty((await _client.Get(container.Id)).Mounts);
        await _client.Tool("createVolume", new { name });
        await _client.Tool("removeVolume", new { volume = name });
        await Remove(container);
    }

    [Fact]
    public async Task A_volume_is_saved_and_brought_back_with_owners_links_and_times_and_a_bad_archive_makes_none()
    {
        string name = await New(), copy = $"{name}-copy";
        Container container = await _client.Run();
        await Attach(container, name, "/data");
        await _client.Exec(container.Id, "cd /data; mkdir d; echo x > d/f; chown 5:6 d/f; chmod 4750 d/f; ln d/f hard; ln -s d/f soft; touch -d @1000000000 d/f");
        const string look = "stat -c '%n %u:%g %a %Y %h' d/f hard; readlink soft";
        (int, string, string) before = await _client.Exec(container.Id, $"cd /data; {look}");
        string content = await Saved(name);
        await _client.Tool("loadVolume", new { name = copy, size = "32MiB", archive = new { content } });
        await Attach(container, copy, "/copy");
        Assert.Equal(before, await _client.Exec(container.Id, $"cd /copy; {look}"));
        Assert.Equal("name", (await _client.ToolRefused("loadVolume", new { name = copy, archive = new { content } })).Field);
        ErrorDetail damaged = await _client.ToolRefused("loadVolume", new { name = "damaged", archive = new { content = Convert.ToBase64String(new byte[700].Select((_, i) => (byte)(i * 7 + 1)).ToArray()) } });
        Assert.Equal(("invalid_argument", "archive"), (damaged.Code, damaged.Field));
        Assert.StartsWith("the archive was refused: ", damaged.Message, StringComparison.Ordinal);
        Assert.Contains("tar", damaged.Remedy, StringComparison.Ordinal);
        byte[] cutOff = TarText.Of(t => t.Add("first", "x").Add("second", new string('x', 5000)))[..2000];
        ErrorDetail cut = await _client.ToolRefused("loadVolume", new { name = "damaged", archive = new { content = Convert.ToBase64String(cutOff) } });
        Assert.Contains("in the midst of an entry", cut.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("there", cut.Message, StringComparison.Ordinal); // where it is not
        Assert.DoesNotContain((await _client.Tool("listVolumes")).GetProperty("volumes").EnumerateArray(), v => v.Text("name") == "damaged");
        await Remove(container);
        await _client.Tool("removeVolume", new { volume = name });
        await _client.Tool("removeVolume", new { volume = copy });
    }

    [Fact]
    public async Task What_an_archive_of_a_volume_does_not_have_is_told()
    {
        string name = await New(), copy = $"{name}-copy";
        string id = (await _client.Tool("inspectVolume", new { volume = name })).GetProperty("volume").Text("id");
        using Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(Path.Combine(fixture.Daemon.StateDir, "volumes", id, "data", "server.sock")));
        JsonElement saved = await _client.Tool("saveVolume", new { volume = name });
        Assert.Contains("server.sock", Assert.Single(saved.GetProperty("leftOut").EnumerateArray()).GetString(), StringComparison.Ordinal);
        byte[] archive = TarText.Of(t => t.Add("file", "here").Add(new PaxTarEntry(TarEntryType.CharacterDevice, "device")));
        JsonElement loaded = await _client.Tool("loadVolume", new { name = copy, archive = new { content = Convert.ToBase64String(archive) } });
        Assert.Contains("device", Assert.Single(loaded.GetProperty("leftOut").EnumerateArray()).GetString(), StringComparison.Ordinal);
        await _client.Tool("removeVolume", new { volume = name });
        await _client.Tool("removeVolume", new { volume = copy });
    }

    [Fact]
    public async Task A_saved_volume_has_the_holes_of_its_files_and_names_that_mean_something_in_layers()
    {
        string name = await New(size: "16MiB"), copy = $"{name}-copy";
        Container container = await _client.Run();
        await Attach(container, name, "/data");
        await _client.Exec(container.Id, "cd /data; mkdir sub; truncate -s 1G sparse; : >.wh.a; : >sub/.wh..wh..opq; echo a >a");
        await _client.Tool("loadVolume", new { name = copy, size = "16MiB", archive = new { content = await Saved(name) } });
        await Attach(container, copy, "/copy");
        const string look = "find . -type f -exec stat -c '%n %s' {} + | sort";
        (int, string Output, string) before = await _client.Exec(container.Id, $"cd /data; {look}");
        Assert.Contains("./sub/.wh..wh..opq 0\n", before.Output, StringComparison.Ordinal);
        Assert.Equal(before, await _client.Exec(container.Id, $"cd /copy; {look}"));
        await Remove(container);
        await _client.Tool("removeVolume", new { volume = name });
        await _client.Tool("removeVolume", new { volume = copy });
    }

    /// <summary>What fits is taken, however small it was compressed to be; nothing at all is no archive, such as what comes of a backup that failed.</summary>
    [Fact]
    public async Task A_volume_is_made_of_an_archive_of_zeros_and_not_of_nothing()
    {
        string name = $"v-{Guid.NewGuid():N}"[..20];
        using MemoryStream packed = new();
        using (GZipStream compressed = new(packed, CompressionLevel.Fastest, leaveOpen: true))
        using (TarWriter tar = new(compressed))
        {
            tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, "zeros") { DataStream = new MemoryStream(new byte[100 << 20]) });
        }

        string content = Convert.ToBase64String(packed.ToArray());
        Assert.Equal("size", (await _client.ToolRefused("loadVolume", new { name, size = "32MiB", archive = new { content } })).Field);
        await _client.Tool("loadVolume", new { name, size = "128MiB", archive = new { content } });
        await _client.Tool("removeVolume", new { volume = name });
        ErrorDetail empty = await _client.ToolRefused("loadVolume", new { name, archive = new { upload = await _client.UploadBytes([]) } });
        Assert.Equal(("invalid_argument", "archive"), (empty.Code, empty.Field));
        Assert.Contains("empty", empty.Message, StringComparison.Ordinal);
        byte[] whole = TarText.Of(t => t.Add("one", "1").Add("two", "2"));
        ErrorDetail cut = await _client.ToolRefused("loadVolume", new { name, archive = new { content = Convert.ToBase64String(whole[..((whole.AsSpan().TrimEnd((byte)0).Length + 511) / 512 * 512)]) } }); // without the zeros at its end
        Assert.Equal(("invalid_argument", "archive"), (cut.Code, cut.Field));
        Assert.Contains("cut off", cut.Message, StringComparison.Ordinal);
    }

    private async Task<string> Saved(string volume)
    {
        string download = (await _client.Tool("saveVolume", new { volume })).Text("downloadId");
        using MemoryStream archive = new();
        using Grpc.Core.AsyncServerStreamingCall<ContentChunk> call = _client.Download(new DownloadRequest { DownloadId = download }, cancellationToken: Cancellation);
        while (await call.ResponseStream.MoveNext(Cancellation))
        {
            call.ResponseStream.Current.Data.WriteTo(archive);
        }

        return Convert.ToBase64String(archive.ToArray());
    }

    private async Task<string> New(string type = "local", string? size = null)
    {
        string name = $"v-{Guid.NewGuid():N}"[..20];
        JsonElement made = await _client.Tool("createVolume", size is null ? (object)new { name, type } : new { name, type, size });
        Assert.Equal(type, made.GetProperty("volume").Text("type"));
        return name;
    }

    private Task<JsonElement> Attach(Container container, string volume, string path, bool readOnly = false) =>
        _client.Tool("attachVolume", new { container = container.Id, volume, path, readOnly });

    private Task<JsonElement> Detach(Container container, string volume, string? path = null) =>
        _client.Tool("detachVolume", path is null ? (object)new { container = container.Id, volume } : new { container = container.Id, volume, path });

    private async Task Remove(params Container[] containers)
    {
        foreach (Container container in containers)
        {
            await _client.Remove(container.Id);
        }
    }

    private static (string Code, string Field) Both(ErrorDetail error) => (error.Code, error.Field);
}
