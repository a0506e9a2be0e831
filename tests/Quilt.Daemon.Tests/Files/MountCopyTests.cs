using System.Text;
using System.Text.Json;
using Google.Rpc;
using Quilt.Api.V1;
using Quilt.Linux;
using Quilt.Testing;
using Xunit;
using static Quilt.Daemon.Tests.TestContainers;

namespace Quilt.Daemon.Tests;

/// <summary>Copies onto and from what is mounted in a container: volumes of each kind, paths of the host, an image's volumes.</summary>
public sealed class MountCopyTests(DaemonFixture fixture) : IAsyncLifetime
{
    private const string Image = "test/copied-volume:1";
    private static readonly string[] Writable = ["/volume", "/limited", "/inmemory", "/host", "/of-image"];
    private readonly QuiltService.QuiltServiceClient _client = fixture.Client;
    private readonly TemporaryFolder _host = new();
    private string _id = "";

    public async ValueTask InitializeAsync()
    {
        await _client.Tool("buildImage", new { tags = new[] { Image }, dockerfileText = "FROM quilt/busybox\nVOLUME /of-image\n" });
        await _client.Tool("createVolume", new { name = "copies" });
        await _client.Tool("createVolume", new { name = "copies-limited", size = "16MiB" });
        await _client.Tool("createVolume", new { name = "copies-memory", size = "16MiB", type = "tmpfs" });
        Directory.CreateDirectory(_host["folder"]);
        Directory.CreateDirectory(_host["read"]);
        await File.WriteAllTextAsync(_host["file"], "by itself", Cancellation);
        await File.WriteAllTextAsync(_host["folder/strict"], "of 1000", Cancellation);
        Sys.Chown(_host["folder/strict"], 1000, 1000);
        File.SetUnixFileMode(_host["folder/strict"], UnixFileMode.UserRead | UnixFileMode.UserWrite);
        _id = (await _client.Tool("createContainer", new
        {
            image = Image,
            autoStart = true,
            mounts = new object[]
            {
                new { type = "volume", volume = "copies", path = "/volume" }, new { type = "volume", volume = "copies", path = "/again", readOnly = true },
                new { type = "volume", volume = "copies-limited", path = "/limited" }, new { type = "volume", volume = "copies-memory", path = "/inmemory" },
                new { type = "bind", source = _host["folder"], path = "/host", readOnly = false }, new { type = "bind", source = _host["read"], path = "/host-read", readOnly = true },
                new { type = "bind", source = _host["file"], path = "/host-file", readOnly = false }, new { type = "tmpfs", path = "/memory" },
            },
        })).Id();
    }

    public async ValueTask DisposeAsync()
    {
        await _client.Remove(_id);
        foreach (string volume in (string[])["copies", "copies-limited", "copies-memory"])
        {
            await _client.Tool("removeVolume", new { volume });
        }

        await _client.Tool("removeImage", new { image = Image });
        _host.Dispose();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_is_mounted_is_copied_to_and_from_as_the_container_has_it(bool running)
    {
        await SetRunning(running);
        string path = "/link";
        foreach (string mount in Writable)
        {
            string upload = await _client.UploadBytes(TarText.Of(t => t.Add("tree/").Add("tree/file", "content")));
            JsonElement done = await _client.Tool("copyToContainer", new { container = _id, path = mount, archive = new { upload }, owner = "7:8" });
            Assert.Equal(2, done.GetProperty("entries").GetInt32());
            await _client.Tool("copyToContainer", new { container = _id, path = $"{mount}/tree/one", content = "written", mode = "0640" });
            JsonElement read = await _client.Tool("copyFromContainer", new { container = _id, path = $"{mount}/tree/one" });
            Assert.Equal(("written", "0640", "0:0"), (read.Text("content"), read.Text("mode"), read.Text("owner")));
        }

        // All of them with the rest of the root; and one alone.
        JsonElement all = await _client.Tool("copyFromContainer", new { container = _id, path = "/", @as = "archive" });
        byte[] root = await _client.DownloadBytes(all.Text("downloadId"));
        Assert.All(Writable.Append("/again"), m => Assert.True(root.AsSpan().IndexOf(Encoding.UTF8.GetBytes($"{m[1..]}/tree/file")) > 0, m));
        JsonElement alone = await _client.Tool("copyFromContainer", new { container = _id, path = "/volume/tree", @as = "archive" });
        Assert.Equal(3, alone.GetProperty("entries").GetInt32());
        Assert.Equal("of 1000", (await _client.Tool("copyFromContainer", new { container = _id, path = "/host/strict" })).Text("content"));
        Assert.Equal("by itself", (await _client.Tool("copyFromContainer", new { container = _id, path = "/host-file" })).Text("content"));

        await SetRunning(true);
        foreach (string mount in Writable)
        {
            Assert.Equal((0, "content7:8\nwritten0:0\n", ""), await _client.Exec(_id, $"cd {mount}/tree; cat file; stat -c %u:%g file; cat one; stat -c %u:%g one"));
        }

        // On the host it is its owner's there.
        Assert.Equal([(7u, 8u), (0u, 0u)], new[] { "file", "one" }.Select(f => OwnerOf(_host["folder/tree/" + f])));
        Assert.Empty(Directory.GetFiles(_host["folder"], ".quilt*"));

        // A link within the container leads onto the mount.
        await _client.Exec(_id, $"ln -s /volume {path}");
        await SetRunning(running);
        await _client.Tool("copyToContainer", new { container = _id, path = $"{path}/by-link", content = "x" });
        await SetRunning(true);
        Assert.Equal((0, "x", ""), await _client.Exec(_id, "cat /volume/by-link"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_cannot_be_written_there_is_refused_by_its_path_and_leaves_nothing(bool running)
    {
        await SetRunning(running);
        async Task Refused(string code, string words, string path, string content = "x")
        {
            ErrorDetail refused = await _client.ToolRefused("copyToContainer", new { container = _id, path, content });
            Assert.Equal((code, "path"), (refused.Code, refused.Field));
            Assert.Contains(words, refused.Message, StringComparison.Ordinal);
        }

        await Refused("failed_precondition", "read-only", "/again/x");
        await Refused("failed_precondition", "read-only", "/host-read/x");
        await Refused("failed_precondition", "mounted by itself", "/host-file");
        ErrorDetail entry = await _client.ToolRefused("copyToContainer", new { container = _id, path = "/", archive = new { upload = await _client.UploadBytes(TarText.Of(t => t.Add("host-file", "x"))) } });
        Assert.Contains("mounted by itself", entry.Message, StringComparison.Ordinal);
        Assert.Equal("by itself", await File.ReadAllTextAsync(_host["file"], Cancellation));
        if (!running)
        {
            await Refused("failed_precondition", "in memory", "/memory/x");
            await Refused("failed_precondition", "in memory", "/dev/shm/x");
            string into = await _client.UploadBytes(TarText.Of(t => t.Add("deep/").Add("deep/er", "x")));
            Assert.Equal("failed_precondition", (await _client.ToolRefused("copyToContainer", new { container = _id, path = "/memory/new", archive = new { upload = into }, parents = true })).Code);
        }

        string large = await _client.UploadBytes(TarText.Of(t => t.Add("large", new string('x', 20 << 20))));
        foreach (string full in (string[])["/limited", "/inmemory"])
        {
            ErrorDetail refused = await _client.ToolRefused("copyToContainer", new { container = _id, path = full, archive = new { upload = await _client.UploadBytes(TarText.Of(t => t.Add("large", new string('x', 20 << 20)))) } });
            Assert.Equal(("resource_exhausted", "path"), (refused.Code, refused.Field));
        }

        await _client.Tool("copyToContainer", new { container = _id, path = "/volume", archive = new { upload = large } });
        await SetRunning(true);
        Assert.Equal((0, "by itself", ""), await _client.Exec(_id, "cat /host-file")); // still what the host has
        Assert.Equal((0, "", ""), await _client.Exec(_id, "ls -A /limited /inmemory | grep -v ':' | tr -d '\\n'; ls -A /host-read /memory | grep -v ':' | tr -d '\\n'"));
    }

    private static (uint, uint) OwnerOf(string path)
    {
        using FileDescriptor file = Sys.Open(path, OpenMode.Path);
        return (Sys.Status(file).Uid, Sys.Status(file).Gid);
    }

    private async Task SetRunning(bool running)
    {
        bool runs = (await _client.Get(_id)).State == ContainerState.Running;
        if (running && !runs)
        {
            await _client.Start(_id);
        }
        else if (!running && runs)
        {
            await _client.StopContainerAsync(new StopContainerRequest { Container = _id, Timeout = new() }, cancellationToken: Cancellation);
        }
    }
}
