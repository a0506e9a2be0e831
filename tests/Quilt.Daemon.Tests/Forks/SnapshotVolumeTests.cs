using System.Text.Json;
using Google.Rpc;
using Quilt.Api.V1;
using Quilt.Testing;
using Xunit;
using static Quilt.Daemon.Tests.TestContainers;

namespace Quilt.Daemon.Tests;

/// <summary>Snapshots, forks and restoring of containers with an image's volumes, named ones, file systems in memory and paths of the host.</summary>
public sealed class SnapshotVolumeTests(DaemonFixture fixture) : IAsyncLifetime
{
    private const string Image = "test/database:1";
    private readonly QuiltService.QuiltServiceClient _client = fixture.Client;

    public async ValueTask InitializeAsync() => await _client.Tool(
        "buildImage", new { tags = new[] { Image }, dockerfileText = "FROM quilt/busybox\nRUN mkdir -p /data && echo begun > /data/file && chown 7:8 /data\nVOLUME /data /empty\n" });

    public async ValueTask DisposeAsync() => await _client.Tool("removeImage", new { image = Image, force = true });

    [Fact]
    public async Task Forks_have_the_data_of_an_image_s_volumes_and_each_goes_its_own_way()
    {
        Container source = await _client.Run(new ContainerSpec { Image = Image });
        const string look = "cat /data/file /empty/x; stat -c '%a %u %g %h' /data /data/file /data/second; stat -c %s /data/sparse";
        Assert.Equal((0, "", ""), await _client.Exec(source.Id, "echo data > /data/file; ln /data/file /data/second; chown 9 /data/file; chmod 700 /data; echo x > /empty/x; truncate -s 1000000 /data/sparse"));
        string seen = (await _client.Exec(source.Id, look)).Stdout;
        Assert.StartsWith("data\nx\n700 7 8", seen, StringComparison.Ordinal);
        JsonElement forked = await _client.Tool("forkContainer", new { container = source.Id, count = 3 });
        Assert.Empty(forked.GetProperty("warnings").EnumerateArray());
        string[] forks = [.. forked.GetProperty("containers").EnumerateArray().Select(f => f.Id())];
        foreach (string fork in forks)
        {
            Assert.Equal((0, seen, ""), await _client.Exec(fork, look));
            Assert.Equal((0, "", ""), await _client.Exec(fork, $"echo {fork} > /data/file"));
        }

        Assert.Equal((0, "data\n", ""), await _client.Exec(source.Id, "cat /data/file"));
        string second = await ForkOne(new { container = forks[1], start = false });
        await _client.Start(second);
        Assert.Equal((0, forks[1] + "\n", ""), await _client.Exec(second, "cat /data/file"));

        // The forks have the copies now, and what they were made of has none to make more of.
        string cut = forked.GetProperty("snapshot").Id();
        Assert.False(Directory.Exists(Path.Combine(Snapshots, cut + ".volumes")));
        ErrorDetail refused = await _client.ToolRefused("forkContainer", new { snapshot = cut });
        Assert.Equal(("failed_precondition", "snapshot"), (refused.Code, refused.Field));
        Assert.Equal("failed_precondition", (await _client.ToolRefused("restoreContainer", new { container = source.Id, snapshot = cut, force = true })).Code);
        await RemoveAll([source.Id, .. forks, second]);
    }

    [Fact]
    public async Task A_snapshot_keeps_them_when_its_container_is_gone_until_it_is_removed()
    {
        Container source = await _client.Run(new ContainerSpec { Image = Image });
        await _client.Exec(source.Id, "echo kept > /data/file");
        JsonElement kept = (await _client.Tool("snapshotContainer", new { container = source.Id, name = "database" })).GetProperty("snapshot");
        Assert.True(kept.GetProperty("size").GetInt64() > 0);
        await _client.Remove(source.Id);
        string fork = await ForkOne(new { snapshot = "database" });
        Assert.Equal((0, "kept\n7 8\n", ""), await _client.Exec(fork, "cat /data/file; stat -c '%u %g' /data"));
        await RemoveAll([fork]);
        Assert.True((await _client.Tool("removeSnapshot", new { snapshot = "database" })).GetProperty("deleted").GetBoolean());
        Assert.Empty(Directory.GetDirectories(Snapshots, kept.Id() + "*"));
    }

    [Fact]
    public async Task What_an_earlier_restoring_has_left_half_done_is_no_volume_of_a_later_one()
    {
        ContainerSpec spec = new() { Image = Image, Command = { "sleep", "1000" } };
        spec.Tmpfs.Add(new Tmpfs { Path = "/data" });
        spec.Tmpfs.Add(new Tmpfs { Path = "/empty" });
        Container without = await _client.Run(spec);
        await _client.Tool("snapshotContainer", new { container = without.Id, name = "without-volumes" });
        Container with = await _client.Run(new ContainerSpec { Image = Image });
        await _client.Exec(with.Id, "echo own > /data/file");
        string volumes = Directory.GetDirectories(Path.Combine(fixture.Daemon.StateDir, "containers", with.Id), "volumes", SearchOption.TopDirectoryOnly).Single();
        string stale = Directory.CreateDirectory(Path.Combine(volumes + ".new", "0")).FullName;
        await File.WriteAllTextAsync(Path.Combine(stale, "file"), "stale\n", Cancellation);

        await _client.Tool("restoreContainer", new { container = with.Id, snapshot = "without-volumes", force = true });

        Assert.Equal((0, "own\n", ""), await _client.Exec(with.Id, "cat /data/file"));
        Assert.False(Directory.Exists(volumes + ".new"));
        await RemoveAll([without.Id, with.Id]);
        await _client.Tool("removeSnapshot", new { snapshot = "without-volumes" });
    }

    [Fact]
    public async Task Files_in_the_volume_and_beside_it_are_of_one_moment()
    {
        ContainerSpec spec = Shell("n=0; while :; do n=$((n+1)); echo $n > /first; echo $n > /data/second; done");
        spec.Image = Image;
        Container busy = await _client.Run(spec);
        await Eventually(async () => (await _client.Exec(busy.Id, "cat /data/second")).ExitCode == 0);
        for (int i = 0; i < 10; i++)
        {
            string id = (await _client.Tool("snapshotContainer", new { container = busy.Id, name = $"dbmoment-{i}" })).GetProperty("snapshot").Id();
            string first = File.ReadAllText(Path.Combine(Snapshots, id, "first")), second = File.ReadAllText(Path.Combine(Snapshots, id + ".volumes", "0", "second"));
            Assert.True(first.Length == 0 || second.Length == 0 || Number(first) - Number(second) is 0 or 1, $"{first} {second}");
            await _client.Tool("removeSnapshot", new { snapshot = $"dbmoment-{i}" });
        }

        await RemoveAll([busy.Id]);

        static int Number(string text) => int.Parse(text, System.Globalization.CultureInfo.InvariantCulture);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("64MiB")]
    public async Task Restoring_brings_the_image_s_volumes_back_and_leaves_other_mounts_as_they_are(string? disk)
    {
        await _client.Tool("createVolume", new { name = "named" });
        string id = (await _client.Tool("createContainer", disk is null
            ? new { image = Image, autoStart = true, mounts = Mounts }
            : new { image = Image, autoStart = true, mounts = Mounts, disk })).Id();
        await _client.Exec(id, "echo one > /data/file; echo one > /named/file; echo one > /memory/file; echo one > /file");
        await _client.Tool("snapshotContainer", new { container = id, name = "restored" });
        await _client.Exec(id, "echo two > /data/file; echo two > /named/file; echo two > /file; echo new > /empty/new; chmod 777 /data");
        await _client.Tool("restoreContainer", new { container = id, snapshot = "restored", force = true });
        Assert.Equal((0, "one\none\ntwo\n755 7 8\n", ""), await _client.Exec(id, "cat /data/file /file /named/file; stat -c '%a %u %g' /data; ls -A /empty; ls -A /memory"));

        // The snapshot's own copy is untouched by what is written afterwards.
        await _client.Exec(id, "echo three > /data/file");
        await _client.Tool("restoreContainer", new { container = id, snapshot = "restored", force = true });
        Assert.Equal((0, "one\n", ""), await _client.Exec(id, "cat /data/file"));
        await RemoveAll([id]);
        await _client.Tool("removeSnapshot", new { snapshot = "restored" });
        await _client.Tool("removeVolume", new { volume = "named" });
    }

    [Fact]
    public async Task Where_the_limit_of_disk_has_no_room_for_both_restoring_is_refused_and_nothing_has_changed()
    {
        string id = (await _client.Tool("createContainer", new { image = Image, autoStart = true, disk = "32MiB" })).Id();
        Assert.Equal(0, (await _client.Exec(id, "head -c 14000000 /dev/urandom > /data/large")).ExitCode);
        await _client.Tool("snapshotContainer", new { container = id, name = "too-large" });
        await _client.Exec(id, "echo late > /data/late; head -c 6000000 /dev/urandom > /more");
        ErrorDetail refused = await _client.ToolRefused("restoreContainer", new { container = id, snapshot = "too-large", force = true });
        Assert.Equal(("resource_exhausted", "snapshot"), (refused.Code, refused.Field));
        Assert.Equal((0, "late\n14000000\n", ""), await _client.Exec(id, "cat /data/late; stat -c %s /data/large"));
        await _client.Exec(id, "rm /more /data/large");
        await _client.Tool("restoreContainer", new { container = id, snapshot = "too-large", force = true });
        Assert.Equal((0, "14000000\n", ""), await _client.Exec(id, "stat -c %s /data/large; ! ls /data/late 2>/dev/null"));
        await RemoveAll([id]);
        await _client.Tool("removeSnapshot", new { snapshot = "too-large" });
    }

    [Fact]
    public async Task Named_volumes_and_paths_of_the_host_are_the_same_in_forks_which_is_told_and_memory_is_empty()
    {
        using TemporaryFolder host = new();
        await _client.Tool("createVolume", new { name = "shared" });
        await _client.Tool("createVolume", new { name = "readable" });
        string source = (await _client.Tool("createContainer", new
        {
            autoStart = true,
            mounts = new object[]
            {
                new { type = "volume", volume = "shared", path = "/shared" }, new { type = "volume", volume = "readable", path = "/readable", readOnly = true },
                new { type = "bind", source = host.Path, path = "/host", readOnly = false }, new { type = "tmpfs", path = "/memory" },
            },
        })).Id();
        await _client.Exec(source, "echo s > /shared/file; echo h > /host/file; echo m > /memory/file");
        JsonElement forked = await _client.Tool("forkContainer", new { container = source });
        Assert.Equal(["'shared' at '/shared'", "'/host'"], forked.GetProperty("warnings").EnumerateArray().Select(w => w.GetString()!).Zip(["'shared' at '/shared'", "'/host'"], (w, part) => w.Contains(part, StringComparison.Ordinal) ? part : w));
        string fork = forked.GetProperty("containers")[0].Id();
        Assert.Equal((0, "s\nh\n", ""), await _client.Exec(fork, "cat /shared/file /host/file; ls /memory; ! touch /readable/x 2>/dev/null"));
        await _client.Exec(fork, "echo t > /shared/file");
        Assert.Equal((0, "t\n", ""), await _client.Exec(source, "cat /shared/file"));

        // A snapshot remembers which they were, and tells of one that has gone since.
        await _client.Tool("snapshotContainer", new { container = source, name = "mounted" });
        await RemoveAll([source, fork]);
        await _client.Tool("removeVolume", new { volume = "readable" });
        JsonElement later = await _client.Tool("forkContainer", new { snapshot = "mounted" });
        Assert.Contains(later.GetProperty("warnings").EnumerateArray(), w => w.GetString()!.Contains("'/readable' is gone", StringComparison.Ordinal));
        string heir = later.GetProperty("containers")[0].Id();
        Assert.Equal((0, "t\n", ""), await _client.Exec(heir, "cat /shared/file"));
        await RemoveAll([heir]);
        await _client.Tool("removeSnapshot", new { snapshot = "mounted" });
        await _client.Tool("removeVolume", new { volume = "shared" });
    }

    private static object[] Mounts => [new { type = "volume", volume = "named", path = "/named" }, new { type = "tmpfs", path = "/memory" }];

    private string Snapshots => Path.Combine(fixture.Daemon.StateDir, "snapshots");

    private async Task<string> ForkOne(object arguments) => (await _client.Tool("forkContainer", arguments)).GetProperty("containers")[0].Id();

    private async Task RemoveAll(IEnumerable<string> containers)
    {
        foreach (string container in containers)
        {
            await _client.Remove(container);
        }
    }
}
