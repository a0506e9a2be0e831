using System.Formats.Tar;
using System.Text;
using System.Text.Json;
using Google.Protobuf;
using Grpc.Core;
using Quilt.Api.V1;
using Xunit;
using static Quilt.Daemon.Tests.TestContainers;

namespace Quilt.Daemon.Tests;

/// <summary>What a daemon does with its images.</summary>
public sealed class ImageTests(DaemonFixture fixture)
{
    private readonly QuiltService.QuiltServiceClient _client = fixture.Client;

    [Fact]
    public async Task What_a_running_container_wrote_becomes_an_image_and_it_runs_on()
    {
        Container dev = await _client.Run();
        Assert.Equal(0, (await _client.Exec(dev.Id, "echo app:x:1000:1000::/home/app:/bin/sh >> /etc/passwd; mkdir -p /home/app; echo data > /home/app/file; chown app /home/app/file; ln -s file /home/app/link; rm /etc/hosts; mkdir -m 700 /private")).ExitCode);
        string digest = (await _client.Tool("commitContainer", new { container = dev.Id, reference = "committed:1", changes = new[] { "USER app", "WORKDIR /home/app", "CMD [\"cat\", \"link\"]", "LABEL by=test" }, message = "with a file" })).GetProperty("image").Text("digest");
        Assert.Equal(ContainerState.Running, (await _client.Get(dev.Id)).State);
        Container made = await _client.Run(new ContainerSpec { Image = "committed:1" });
        Assert.Equal(0, (await _client.WaitExited(made.Id)).ExitCode);
        Assert.Equal("data\n", await _client.Logs(made.Id));
        Container looking = await _client.Run(new ContainerSpec { Image = "committed:1", Command = { "sh", "-c", "stat -c '%U %a' /home/app/file /private; ls /etc/hosts" }, User = "root" });
        await _client.WaitExited(looking.Id);
        Assert.StartsWith("app 644\nroot 700\n", await _client.Logs(looking.Id), StringComparison.Ordinal);
        JsonElement inspected = await _client.Tool("inspectImage", new { image = digest });
        JsonElement step = Assert.Single(inspected.GetProperty("history").EnumerateArray(), h => h.TryGetProperty("comment", out JsonElement comment) && comment.GetString() == "with a file");
        Assert.InRange(step.GetProperty("size").GetInt64(), 1, 100_000); // of its own layer, not of the one below
        Assert.Equal(2, inspected.GetProperty("containers").GetArrayLength());
        foreach (Container container in (Container[])[dev, made, looking])
        {
            await _client.Remove(container.Id);
        }

        await _client.Tool("removeImage", new { image = "committed:1" });
    }

    [Fact]
    public async Task What_an_image_has_for_builds_on_it_is_kept_by_a_commit_that_changes_settings_and_not_run()
    {
        await _client.Tool("buildImage", """{"tags":["triggers:1"],"dockerfileText":"FROM quilt/busybox\nONBUILD RUN false\n"}""");
        Container container = await _client.Run(new ContainerSpec { Image = "triggers:1", Command = { "true" } });
        await _client.WaitExited(container.Id);
        await _client.Tool("commitContainer", new { container = container.Id, reference = "triggers:2", changes = new[] { "LABEL by=test", "ONBUILD RUN true" } });
        JsonElement config = (await _client.Tool("inspectImage", new { image = "triggers:2" })).GetProperty("config");
        Assert.Equal(["RUN false", "RUN true"], config.GetProperty("onBuild").EnumerateArray().Select(t => t.GetString()));
        await _client.Remove(container.Id);
        await _client.Tool("removeImage", new { image = "triggers:2" });
        await _client.Tool("removeImage", new { image = "triggers:1" });
    }

    [Fact]
    public async Task The_etc_of_an_image_keeps_its_owner_and_mode_in_what_is_made_of_it()
    {
        await _client.Tool("buildImage", """{"tags":["etc:1"],"dockerfileText":"FROM quilt/busybox\nRUN chmod 711 /etc && chown 5:6 /etc\nRUN echo x > /etc/x\nCMD stat -c '%a %u %g' /etc; cat /etc/resolv.conf"}""");
        Container container = await _client.Run(new ContainerSpec { Image = "etc:1" });
        await _client.WaitExited(container.Id);
        Assert.StartsWith("711 5 6\nnameserver", await _client.Logs(container.Id), StringComparison.Ordinal);
        await _client.Remove(container.Id);
        await _client.Tool("removeImage", new { image = "etc:1" });
    }

    [Fact]
    public async Task An_image_that_containers_are_made_of_is_not_removed_but_by_force_and_they_start_again()
    {
        await _client.Tool("tagImage", new { image = "quilt/busybox", reference = "used:1" });
        await _client.Tool("buildImage", """{"tags":["used:2"],"dockerfileText":"FROM quilt/busybox\nRUN echo x > /x\n"}""");
        Assert.Equal("used:1", (await _client.Tool("removeImage", new { image = "used:1" })).GetProperty("untagged")[0].GetString()); // it has another name
        Container container = await _client.Run(new ContainerSpec { Image = "used:2", Command = { "true" } });
        await _client.WaitExited(container.Id);
        ErrorDetail used = await _client.ToolRefused("removeImage", new { image = "used:2" });
        Assert.Equal("failed_precondition", used.Code);
        Assert.Contains(container.Name, used.Message, StringComparison.Ordinal);
        await _client.Tool("removeImage", new { image = "used:2", force = true });
        Assert.Equal("not_found", (await _client.ToolRefused("inspectImage", new { image = "used:2" })).Code);
        await _client.Start(container.Id);
        await _client.WaitExited(container.Id);
        await _client.Tool("pruneImages");
        await _client.Start(container.Id);
        await _client.WaitExited(container.Id);
        await _client.Remove(container.Id);
        Assert.True((await _client.Tool("pruneImages", new { buildCache = true })).GetProperty("freedBytes").GetInt64() > 0);
        Assert.Equal("not_found", (await _client.ToolRefused("removeImage", new { image = "used:2" })).Code);
    }

    [Fact]
    public async Task An_archive_of_images_comes_back_as_it_went()
    {
        await _client.Tool("buildImage", """{"tags":["saved:1"],"dockerfileText":"FROM quilt/busybox\nRUN echo x > /x\n"}""");
        string digest = (await _client.Tool("inspectImage", new { image = "saved:1" })).GetProperty("image").Text("digest");
        JsonElement saved = await _client.Tool("saveImage", new { images = new[] { "saved:1" } });
        byte[] archive = await Download(saved.Text("downloadId"));
        Assert.Equal(saved.GetProperty("bytes").GetInt64(), archive.Length);
        Assert.Equal(StatusCode.NotFound, (await Assert.ThrowsAsync<RpcException>(() => Download(saved.Text("downloadId")))).StatusCode);
        await _client.Tool("removeImage", new { image = "saved:1" });
        string upload = await _client.UploadBytes(archive);
        JsonElement loaded = await _client.Tool("loadImage", new { archive = new { upload } });
        Assert.Equal(("saved:1", digest), (loaded.GetProperty("images")[0].Text("reference"), loaded.GetProperty("images")[0].Text("digest")));
        Assert.Equal("not_found", (await _client.ToolRefused("loadImage", new { archive = new { upload } })).Code);
        await _client.Tool("removeImage", new { image = "saved:1" });
        ErrorDetail damaged = await _client.ToolRefused("loadImage", new { archive = new { content = Convert.ToBase64String(archive[..(archive.Length / 2)]) } });
        Assert.Equal("invalid_argument", damaged.Code);
        Assert.Equal("not_found", (await _client.ToolRefused("inspectImage", new { image = "saved:1" })).Code);
    }

    [Fact]
    public async Task A_root_filesystem_is_imported()
    {
        using MemoryStream tar = new();
        await using (TarWriter writer = new(tar, leaveOpen: true))
        {
            await writer.WriteEntryAsync(new PaxTarEntry(TarEntryType.RegularFile, "hello") { DataStream = new MemoryStream(Encoding.UTF8.GetBytes("hi")), Mode = UnixFileMode.UserRead }, Cancellation);
        }

        string content = Convert.ToBase64String(tar.ToArray());
        await _client.Tool("importImage", new { archive = new { content }, reference = "imported:1", changes = new[] { "CMD [\"/hello\"]", "ENV A=b" } });
        JsonElement inspected = await _client.Tool("inspectImage", new { image = "imported:1" });
        Assert.Equal("b", inspected.GetProperty("config").GetProperty("env").Text("A"));
        Assert.Equal(1, inspected.GetProperty("layers").GetArrayLength());
        Assert.Equal(("invalid_argument", "changes"), await Code("importImage", new { archive = new { content }, reference = "imported:2", changes = new[] { "RUN true" } }));
        await _client.Tool("removeImage", new { image = "imported:1" });
    }

    [Fact]
    public async Task An_agent_sees_and_names_the_images_of_its_grant_alone()
    {
        await _client.Tool("tagImage", new { image = "quilt/busybox", reference = "team/one:1" });
        string token = await _client.Agent("""{"images":["team/two"],"registries":["registry.example"]}""");
        Assert.Empty((await _client.Tool("listImages", token: token)).GetProperty("images").EnumerateArray());
        foreach ((string tool, object arguments) in ((string, object)[])
        [
            ("inspectImage", new { image = "team/one:1" }), ("removeImage", new { image = "team/one:1" }), ("tagImage", new { image = "team/one:1", reference = "team/two:1" }),
            ("saveImage", new { images = new[] { "team/one:1" } }), ("pullImage", new { reference = "team/two:1" }), ("pullImage", new { reference = "registry.example/other:1" }),
            ("createContainer", new { image = "team/one:1" }),
        ])
        {
            Assert.Equal("permission_denied", (await _client.ToolRefused(tool, arguments, token)).Code);
        }

        Assert.Equal("invalid_argument", (await _client.ToolRefused("tagImage", new { image = "team/one:1", reference = "quilt/busybox" })).Code);
        await _client.Tool("removeImage", new { image = "team/one:1" });
    }

    [Fact]
    public async Task By_an_image_nobody_learns_of_anothers_containers_nor_takes_its_other_names()
    {
        await _client.Tool("buildImage", """{"tags":["shared/one:1","hidden/one:1"],"dockerfileText":"FROM quilt/busybox\nLABEL a=b\n"}""");
        string token = await _client.Agent("""{"images":["shared/*"]}""");
        string digest = (await _client.Tool("inspectImage", new { image = "shared/one:1" }, token)).GetProperty("image").Text("digest");
        Assert.Equal("permission_denied", (await _client.ToolRefused("removeImage", new { image = digest }, token)).Code);
        await _client.Tool("removeImage", new { image = "hidden/one:1" });
        Container secret = await _client.Create(new ContainerSpec { Image = "shared/one:1", Name = $"secret-{Guid.NewGuid():N}" });
        ErrorDetail used = await _client.ToolRefused("removeImage", new { image = "shared/one:1" }, token);
        Assert.Equal("failed_precondition", used.Code);
        Assert.DoesNotContain("secret", used.Message, StringComparison.Ordinal);
        Assert.Empty((await _client.Tool("inspectImage", new { image = "shared/one:1" }, token)).GetProperty("containers").EnumerateArray());
        await _client.Remove(secret.Id);
        await _client.Tool("removeImage", new { image = digest }, token);
    }

    [Fact]
    public async Task An_upload_is_its_senders_alone()
    {
        string upload = await _client.UploadBytes([1, 2, 3]);
        string token = await _client.Agent();
        Assert.Equal("not_found", (await _client.ToolRefused("loadImage", new { archive = new { upload } }, token)).Code);
        Assert.Equal("invalid_argument", (await _client.ToolRefused("loadImage", new { archive = new { upload } })).Code);
    }

    [Fact]
    public async Task What_takes_space_is_told_and_images_are_verified()
    {
        JsonElement usage = await _client.Tool("getDiskUsage");
        Assert.True(usage.GetProperty("items").EnumerateArray().Single(i => i.Text("what") == "images").GetProperty("bytes").GetInt64() > 0);

        // Volumes too, in use or not; what an image's volumes hold is their container's.
        string token = await _client.Agent(), id = (await _client.Tool("createContainer", new { autoStart = true }, token)).Id();
        await _client.Tool("createVolume", new { name = "counted" }, token);
        await _client.Tool("createVolume", new { name = "free" }, token);
        await _client.Tool("attachVolume", new { container = id, volume = "counted", path = "/counted" }, token);
        await _client.Tool("copyToContainer", new { container = id, path = "/counted/file", content = new string('x', 10_000) }, token);
        JsonElement volumes = (await _client.Tool("getDiskUsage", null, token)).GetProperty("items").EnumerateArray().Single(i => i.Text("what") == "volumes");
        Assert.Equal((2, 1, 10_000, 0), (volumes.GetProperty("count").GetInt32(), volumes.GetProperty("inUse").GetInt32(), volumes.GetProperty("bytes").GetInt32(), volumes.GetProperty("reclaimableBytes").GetInt32()));
        await _client.Tool("removeContainer", new { container = id, force = true }, token);
        await _client.Tool("pruneVolumes", null, token);
        JsonElement verified = await _client.Tool("verifyImages", new { image = "quilt/busybox" });
        Assert.Empty(verified.GetProperty("images")[0].GetProperty("problems").EnumerateArray());
    }

    private async Task<(string Code, string Field)> Code(string tool, object arguments)
    {
        ErrorDetail refused = await _client.ToolRefused(tool, arguments);
        return (refused.Code, refused.Field);
    }

    private async Task<byte[]> Download(string id)
    {
        using MemoryStream content = new();
        using AsyncServerStreamingCall<ContentChunk> call = _client.Download(new DownloadRequest { DownloadId = id }, cancellationToken: Cancellation);
        await foreach (ContentChunk chunk in call.ResponseStream.ReadAllAsync(Cancellation))
        {
            chunk.Data.WriteTo(content);
        }

        return content.ToArray();
    }
}
