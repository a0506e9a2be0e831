using System.Text.Json;
using Quilt.Api.V1;
using Quilt.Images;
using Quilt.Testing;
using Xunit;
using static Quilt.Daemon.Tests.TestContainers;
using static Quilt.Daemon.Tests.TestImages;

namespace Quilt.Daemon.Tests;

/// <summary>What an image's configuration says is so in its containers.</summary>
public sealed class ImageConfigTests(DaemonFixture fixture)
{
    private readonly QuiltService.QuiltServiceClient _client = fixture.Client;

    [Fact]
    public async Task An_images_volume_begins_with_what_the_image_has_there_and_is_the_containers_own_until_it_goes()
    {
        await using DaemonProcess daemon = await DaemonProcess.StartAsync();
        await daemon.AddImageAsync(
            "test/volumes", new ImageDocumentConfig { Volumes = Set("/data", "/made/here/") },
            Folder("data", 1000, (UnixFileMode)0x1C9), File("data/secret", "s3cret\n", 1000, (UnixFileMode)0x180), HardLink("data/again", "data/secret"), Link("data/link", "../etc/passwd"),
            Folder("data/deep"), File("data/deep/tool", "#!/bin/sh\n", 7, (UnixFileMode)0x9ED));
        Container container = await daemon.Client.Create(new ContainerSpec { Image = "test/volumes" });
        Assert.Equal(["/data", "/made/here"], container.Volumes);
        await daemon.Client.Start(container.Id);
        Assert.Equal(
            "/data 711 1000:1000 1\n/data/again 600 1000:1000 2\n/data/deep 755 0:0 1\n/data/deep/tool 4755 7:7 1\n/data/link 777 0:0 1\n/data/secret 600 1000:1000 2\n/made/here 755 0:0 1\n",
            await Out(container, "find /data /made/here | sort | while read f; do echo $f $(stat -c '%a %u:%g' $f) $([ -d $f ] && echo 1 || stat -c %h $f); done"));
        Assert.Equal("s3cret\n../etc/passwd\n86400\nsame\n", await Out(container, "cat /data/again; readlink /data/link; stat -c %Y /data/secret; [ /data/secret -ef /data/again ] && echo same"));
        string mounts = await Out(container, "grep -E ' (/data|/made/here) ' /proc/mounts");
        Assert.All(mounts.Split('\n', StringSplitOptions.RemoveEmptyEntries), m => Assert.Matches("nosuid.*nodev", m));
        JsonElement told = (await daemon.Client.Tool("getContainerStatus", new { container = container.Id })).GetProperty("mounts");
        Assert.Equal(["volume /data", "volume /made/here"], told.EnumerateArray().Select(m => $"{m.Text("type")} {m.Text("path")}"));

        // Kept from run to run, and not filled again; nobody else's; nothing of it in the writable layer.
        await Out(container, "rm /data/link; echo kept >/data/new; echo kept >/made/here/new");
        await daemon.Client.StopContainerAsync(new StopContainerRequest { Container = container.Id }, cancellationToken: Cancellation);
        await daemon.Client.Start(container.Id);
        Assert.Equal("kept\nkept\ngone\n", await Out(container, "cat /data/new /made/here/new; [ -L /data/link ] || echo gone"));
        Container other = await daemon.Client.Run(new ContainerSpec { Image = "test/volumes" });
        Assert.Equal("again\ndeep\nlink\nsecret\n", await Out(other, "ls /data; ls /made/here"));
        Assert.DoesNotContain(
            Directory.EnumerateFileSystemEntries(Path.Combine(daemon.StateDir, "containers", container.Id, "upper"), "*", SearchOption.AllDirectories), f => Path.GetFileName(f) is "new" or "secret" or "link");
        async Task<string> Out(Container from, string script) => (await daemon.Client.Exec(from.Id, script)).Stdout;
    }

    [Fact]
    public async Task A_volume_is_where_the_images_links_lead_inside_its_root_and_what_is_asked_for_there_wins()
    {
        await fixture.Daemon.AddImageAsync(
            "test/linked", new ImageDocumentConfig { Volumes = Set("/link", "/out", "/scratch", "up/../relative") },
            Folder("real"), File("real/file", "real\n"), Link("link", "/real"), Folder("etc"), File("etc/marker", "image\n"), Link("out", "../../../../../../etc"), Folder("scratch"), File("scratch/file", "image\n"));
        Container container = await _client.Run(new ContainerSpec { Image = "test/linked", Tmpfs = { new Tmpfs { Path = "/scratch/" } } });
        Assert.Equal(["/link", "/out", "/relative"], container.Volumes);
        Assert.Equal("real\nimage\n", (await _client.Exec(container.Id, "cat /link/file /out/marker; ls /scratch")).Stdout);
        Assert.Equal("/real\n/etc\n/relative\ntmpfs\n", (await _client.Exec(container.Id, "for p in /real /etc /relative; do grep -o \" $p \" /proc/mounts | tr -d ' '; done; grep ' /scratch ' /proc/mounts | cut -d' ' -f1")).Stdout);
        Assert.False(System.IO.File.Exists("/etc/marker"));
        await _client.Remove(container.Id);
    }

    [Theory]
    [InlineData("/")]
    [InlineData("/proc/../proc/x")]
    [InlineData("/dev")]
    [InlineData("/etc/passwd")]
    [InlineData("/loop/x")]
    public async Task A_volume_that_cannot_be_is_refused_and_nothing_is_left(string path)
    {
        string image = $"test/bad-{Guid.NewGuid():N}", name = $"bad-{Guid.NewGuid():N}";
        await fixture.Daemon.AddImageAsync(image, new ImageDocumentConfig { Volumes = Set(path) }, Link("loop", "loop"));
        ErrorDetail error = await Fails(() => _client.Create(new ContainerSpec { Image = image, Name = name }));
        Assert.Equal(("failed_precondition", "image"), (error.Code, error.Field));
        Assert.DoesNotContain((await _client.ListContainersAsync(new ListContainersRequest { All = true }, cancellationToken: Cancellation)).Containers, c => c.Name == name);
    }

    [Theory]
    [InlineData("/srv/app/new", "755 0:0\n711 1000:1000\n")]
    [InlineData("/link/new", "755 0:0\n711 1000:1000\n")]
    [InlineData("/quite/new", "755 0:0\n711 1000:1000\n")]
    public async Task A_working_folder_that_the_image_only_names_is_made_and_those_above_it_stay_as_they_are(string folder, string modes)
    {
        await fixture.Daemon.AddImageAsync("test/workdir", new ImageDocumentConfig { WorkingDir = folder, User = "1000" }, Folder("srv/app", 1000, (UnixFileMode)0x1C9), File("srv/app/file", ""), Link("link", "srv/app"));
        Container container = await _client.Run(new ContainerSpec { Image = "test/workdir" });
        Assert.Equal(modes, (await _client.Exec(container.Id, "stat -c '%a %u:%g' . /srv/app")).Stdout);
        Assert.Equal((0, ""), await _client.Exec(container.Id, "ls /srv/app/file >/dev/null && [ $(pwd -P) = $(readlink -f $PWD) ]") is var (code, _, error) ? (code, error) : default);
        await _client.Remove(container.Id);
    }

    [Fact]
    public async Task A_working_folder_that_is_a_file_in_the_image_is_refused()
    {
        await fixture.Daemon.AddImageAsync("test/file-workdir", new ImageDocumentConfig { WorkingDir = "/etc/passwd" });
        Assert.Equal("invalid_argument", (await Fails(() => _client.Run(new ContainerSpec { Image = "test/file-workdir" }))).Code);
    }

    [Fact]
    public async Task User_groups_home_stop_signal_and_exposed_ports_are_the_images()
    {
        await fixture.Daemon.AddImageAsync(
            "test/configured",
            new ImageDocumentConfig { User = "app", StopSignal = "SIGUSR1", ExposedPorts = Set("8080/tcp", "53/udp", "nonsense", "80"), Entrypoint = ["sh", "-c"], Cmd = ["trap 'exit 9' USR1; echo ready; while :; do sleep 0.1; done"], Env = ["A=image"] },
            File("etc/passwd", "root:x:0:0:root:/root:/bin/sh\napp:x:1234:1235::/home/app:/bin/sh\n"), File("etc/group", "root:x:0:\napp:x:1235:\nusers:x:100:other,app\nstaff:x:50:app\nnone:x:60:apple\n"));
        Container container = await _client.Run(new ContainerSpec { Image = "test/configured" });
        Assert.Equal(["53/udp", "80/tcp", "8080/tcp"], container.ExposedPorts);
        Assert.Equal("1234:1235 50 100 1235 /home/app image\n", (await _client.Exec(container.Id, "echo $(id -u):$(id -g) $(id -G | tr ' ' '\\n' | sort -n | tr '\\n' ' ') $HOME $A")).Stdout);
        JsonElement ports = (await _client.Tool("getContainerStatus", new { container = container.Id })).GetProperty("exposedPorts");
        Assert.Equal(["53/udp", "80/tcp", "8080/tcp"], ports.EnumerateArray().Select(p => p.GetString()));
        await Eventually(async () => await _client.Logs(container.Id) == "ready\n");
        StopContainerResponse stopped = await _client.StopContainerAsync(new StopContainerRequest { Container = container.Id }, cancellationToken: Cancellation);
        Assert.Equal((9, false), (stopped.Container.ExitCode, stopped.Forced));
        await _client.Remove(container.Id);

        foreach ((string user, string expected) in ((string, string)[])[("1234", "1234:1235 50 100 1235 /home/app\n"), ("app:staff", "1234:50 50 /home/app\n"), ("1234:7", "1234:7 7 /home/app\n"), ("4000:4001", "4000:4001 4001 /\n")])
        {
            Container other = await _client.Run(new ContainerSpec { Image = "test/configured", User = user, Entrypoint = { "sleep" }, Command = { "1000" } });
            Assert.Equal(expected, (await _client.Exec(other.Id, "echo $(id -u):$(id -g) $(id -G | tr ' ' '\\n' | sort -n | tr '\\n' ' ') $HOME")).Stdout);
            await _client.Remove(other.Id);
        }
    }
}
