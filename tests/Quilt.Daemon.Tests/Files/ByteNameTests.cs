using System.Text.Json;
using Quilt.Api.V1;
using Quilt.Testing;
using Xunit;
using static Quilt.Daemon.Tests.TestContainers;

namespace Quilt.Daemon.Tests;

/// <summary>Names that are no UTF-8, on every way that files have: a name is bytes.</summary>
public sealed class ByteNameTests(DaemonFixture fixture)
{
    private const string Make = """
        mkdir -p /odd && cd /odd && long="$(printf 'n\351%.0s' $(seq 127))" && mkdir "$long" && echo one > "$(printf 'o\377')" && echo two > "$(printf 'o\376')"
        echo three > "$long/$(printf '\300\256\300\256')"; ln "$(printf 'o\377')" "$long/hard"; ln -s "$(printf 'o\376')" "$(printf 'link\240')"
        """;

    private readonly QuiltService.QuiltServiceClient _client = fixture.Client;

    [Fact]
    public async Task Names_of_any_bytes_go_out_of_a_container_into_another_and_into_a_build()
    {
        Container from = await _client.Run(), to = await _client.Run();
        string seen = await Made(from.Id);
        byte[] archive = await _client.DownloadBytes((await _client.Tool("copyFromContainer", new { container = from.Id, path = "/odd", @as = "archive" })).Text("downloadId"));
        await _client.Tool("copyToContainer", new { container = to.Id, path = "/other", placing = "as", archive = new { content = Convert.ToBase64String(archive) } });
        Assert.Equal(seen, await Seen(to.Id, "/other"));

        await _client.Tool("buildImage", new { tags = new[] { "odd-built:1" }, dockerfileText = "FROM quilt/busybox\nCOPY odd /built\n", context = new { archive = Convert.ToBase64String(archive) } });
        Container built = await _client.Run(new ContainerSpec { Image = "odd-built:1" });
        Assert.Equal(seen, await Seen(built.Id, "/built"));
        await Remove(from, to, built);
        await _client.Tool("removeImage", new { image = "odd-built:1" });
    }

    [Fact]
    public async Task Names_of_any_bytes_are_in_an_image_of_a_container_hidden_in_the_next_and_come_back_with_its_archive()
    {
        const string image = "odd:1", next = "odd:2";
        Container container = await _client.Run();
        string seen = await Made(container.Id);
        await _client.Tool("commitContainer", new { container = container.Id, reference = image });
        Container upon = await _client.Run(new ContainerSpec { Image = image });
        Assert.Equal(seen, await Seen(upon.Id, "/odd"));
        await _client.Exec(upon.Id, "cd /odd; rm o*; mkdir \"$(printf 'o\\377')\"; rm n*/hard");
        string changed = await Seen(upon.Id, "/odd");
        await _client.Tool("commitContainer", new { container = upon.Id, reference = next });
        await Remove(container, upon);

        byte[] archive = await _client.DownloadBytes((await _client.Tool("saveImage", new { images = new[] { image, next } })).Text("downloadId"));
        await _client.Tool("removeImage", new { image = next });
        await _client.Tool("removeImage", new { image });
        await _client.Tool("pruneImages");
        await _client.Tool("loadImage", new { archive = new { upload = await _client.UploadBytes(archive) } });
        Assert.Empty((await _client.Tool("verifyImages", new { image = next })).GetProperty("images")[0].GetProperty("problems").EnumerateArray());
        Container first = await _client.Run(new ContainerSpec { Image = image }), second = await _client.Run(new ContainerSpec { Image = next });
        Assert.Equal((seen, changed), (await Seen(first.Id, "/odd"), await Seen(second.Id, "/odd")));
        await Remove(first, second);
        await _client.Tool("removeImage", new { image = next });
        await _client.Tool("removeImage", new { image });
    }

    [Fact]
    public async Task Names_of_any_bytes_are_saved_with_a_volume_and_loaded_with_it()
    {
        string[] volumes = ["odd-names", "odd-names-copy"];
        await _client.Tool("createVolume", new { name = volumes[0] });
        Container container = await _client.Run();
        string seen = await Made(container.Id);
        await _client.Tool("attachVolume", new { container = container.Id, volume = volumes[0], path = "/data" });
        await _client.Exec(container.Id, "cp -a /odd/. /data");
        byte[] archive = await _client.DownloadBytes((await _client.Tool("saveVolume", new { volume = volumes[0] })).Text("downloadId"));
        await _client.Tool("loadVolume", new { name = volumes[1], archive = new { content = Convert.ToBase64String(archive) } });
        await _client.Tool("attachVolume", new { container = container.Id, volume = volumes[1], path = "/copy" });
        Assert.Equal((seen, seen), (await Seen(container.Id, "/data"), await Seen(container.Id, "/copy")));
        await Remove(container);
        foreach (string volume in volumes)
        {
            await _client.Tool("removeVolume", new { volume });
        }
    }

    private async Task<string> Made(string container)
    {
        Assert.Equal((0, "", ""), await _client.Exec(container, Make));
        string seen = await Seen(container, "/odd");
        Assert.Contains(" c0 ae c0 ae ", seen, StringComparison.Ordinal);
        return seen;
    }

    /// <summary>Names, contents and where links lead, in hexadecimal.</summary>
    private async Task<string> Seen(string container, string folder)
    {
        (int exitCode, string output, string error) = await _client.Exec(container, $"cd {folder} && (find . | sort; find . -type f | sort | while read -r f; do cat \"$f\"; stat -c %h \"$f\"; done; readlink l*) | od -An -v -tx1 | tr -d '\\n'");
        Assert.Equal((0, ""), (exitCode, error));
        return output;
    }

    private async Task Remove(params Container[] containers)
    {
        foreach (Container container in containers)
        {
            await _client.Remove(container.Id);
        }
    }
}
