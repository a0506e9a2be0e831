using Microsoft.AspNetCore.Http;
using Quilt.Core;
using Quilt.Images;
using Quilt.Registry.Tests.Servers;

namespace Quilt.Registry.Tests.Pulling;

public sealed class PullTests
{
    [Fact]
    public async Task What_was_pushed_is_pulled_byte_for_byte()
    {
        await using DockerRegistry registry = await DockerRegistry.Start();
        using World there = new(), here = new();
        StoredImage pushed = await there.Publish(registry.Address);

        PulledImage pulled = await here.Pull($"{registry.Address}/test/app:1");

        Assert.Equal(pushed.Digest, pulled.Image.Digest);
        Assert.Equal(TestImage.Blob(there.Store, pushed.Digest), TestImage.Blob(here.Store, pushed.Digest));
        Assert.Equal(TestImage.Blob(there.Store, pushed.ConfigDigest), TestImage.Blob(here.Store, pushed.ConfigDigest));
        Assert.Equal(pushed.Layers.Select(l => l.Blob), pulled.Image.Layers.Select(l => l.Blob));
        Assert.Equal(3, pulled.TransferredLayers);
        Assert.InRange(pulled.TransferredBytes, pushed.Layers.Sum(l => l.Blob.Size), pushed.SizeBytes);
        Assert.Equal(registry.Address, pulled.From);
        Assert.Equal(pushed.Digest, here.Store.TryFind(ImageReference.Parse($"{registry.Address}/test/app:1"))!.Digest);
        Assert.Equal(2_000_000, new FileInfo(Path.Combine(pulled.Image.LayerFolders[1], "file1")).Length);
    }

    [Fact]
    public async Task A_second_pull_transfers_nothing()
    {
        await using DockerRegistry registry = await DockerRegistry.Start();
        using World there = new(), here = new();
        await using FaultProxy proxy = await FaultProxy.Start(registry.Address, (_, pass) => pass.Through());
        StoredImage image = await there.Publish(registry.Address);
        await here.Pull($"{proxy.Address}/test/app:1");
        int before = proxy.Seen.Count;

        PulledImage again = await here.Pull($"{proxy.Address}/test/app:1");

        Assert.Equal((image.Digest, 0, 0), (again.Image.Digest, again.TransferredLayers, again.TransferredBytes));
        Assert.Equal("HEAD", Assert.Single(proxy.Seen.Skip(before)).Method); // which Docker Hub does not count
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_second_pull_mends_what_verifying_found_damaged(bool config)
    {
        await using DockerRegistry registry = await DockerRegistry.Start();
        using World there = new(), here = new();
        await there.Publish(registry.Address);
        StoredImage image = (await here.Pull($"{registry.Address}/test/app:1")).Image;
        string blob = here[$"images/blobs/sha256/{(config ? image.ConfigDigest : image.Layers[1].Blob.Digest).Hex}"];
        byte[] damaged = await File.ReadAllBytesAsync(blob, World.Cancellation);
        damaged[^1] ^= 1;
        await File.WriteAllBytesAsync(blob, damaged, World.Cancellation);
        Assert.NotEmpty(Assert.Single(await here.Store.VerifyAsync(null, () => new HashSet<Digest>(), _ => { }, World.Cancellation)).Damages);

        await here.Pull($"{registry.Address}/test/app:1");

        Assert.Empty(Assert.Single(await here.Store.VerifyAsync(null, () => new HashSet<Digest>(), _ => { }, World.Cancellation)).Damages);
    }

    [Fact]
    public async Task A_second_pull_mends_what_is_gone()
    {
        await using DockerRegistry registry = await DockerRegistry.Start();
        using World there = new(), here = new();
        await there.Publish(registry.Address);
        PulledImage first = await here.Pull($"{registry.Address}/test/app:1");
        Directory.Delete(first.Image.LayerFolders[1], recursive: true);

        PulledImage again = await here.Pull($"{registry.Address}/test/app:1");

        Assert.True(File.Exists(Path.Combine(again.Image.LayerFolders[1], "file1")));
    }

    [Fact]
    public async Task A_layer_that_two_images_share_is_transferred_once()
    {
        await using DockerRegistry registry = await DockerRegistry.Start();
        using World there = new(), here = new();
        await there.Publish(registry.Address, "test/a:1", seed: 1, layerBytes: [100_000]);
        await there.Publish(registry.Address, "test/b:1", seed: 1, layerBytes: [100_000, 5000]);
        await here.Pull($"{registry.Address}/test/a:1");

        PulledImage second = await here.Pull($"{registry.Address}/test/b:1");

        Assert.Equal(1, second.TransferredLayers);
        Assert.InRange(second.TransferredBytes, 5000, 10_000);
    }

    [Fact]
    public async Task An_image_is_pulled_by_its_digest_and_has_no_tag_then()
    {
        await using DockerRegistry registry = await DockerRegistry.Start();
        using World there = new(), here = new();
        StoredImage pushed = await there.Publish(registry.Address);

        PulledImage pulled = await here.Pull($"{registry.Address}/test/app@{pushed.Digest}");

        Assert.Equal(pushed.Digest, pulled.Image.Digest);
        Assert.Null(here.Store.TryFind(ImageReference.Parse($"{registry.Address}/test/app:latest")));
    }

    [Fact]
    public async Task Progress_tells_of_every_layer_to_its_end()
    {
        await using DockerRegistry registry = await DockerRegistry.Start();
        using World there = new(), here = new();
        StoredImage pushed = await there.Publish(registry.Address);
        Progress progress = new();

        await here.Pull($"{registry.Address}/test/app:1", progress: progress);

        Assert.All(pushed.Layers, layer => Assert.Equal((TransferStage.Done, layer.Blob.Size), progress.Last(layer.Blob.Digest)));
    }

    [Fact]
    public async Task A_policy_of_missing_asks_no_registry_for_what_is_here()
    {
        using World world = new();
        StoredImage image = await TestImage.Make(world.Store, "registry.invalid/app:1");
        Assert.Equal(image.Digest, (await world.Pull("registry.invalid/app:1", policy: PullPolicy.Missing)).Image.Digest);
    }

    [Fact]
    public async Task A_policy_of_missing_pulls_what_is_here_for_another_platform()
    {
        using World world = new();
        await TestImage.Make(world.Store, "registry.invalid/app:1", architecture: "s390x");
        QuiltException e = await World.Fails(() => world.Pull("registry.invalid/app:1", policy: PullPolicy.Missing, platform: "linux/amd64"));
        Assert.Equal(ErrorCode.Unavailable, e.Code);
    }

    [Fact]
    public async Task A_policy_of_newer_takes_what_the_registry_has_and_what_is_here_where_it_cannot_be_asked()
    {
        using World there = new(), here = new();
        string name;
        StoredImage second;
        await using (DockerRegistry registry = await DockerRegistry.Start())
        {
            name = $"{registry.Address}/test/app:1";
            await there.Publish(registry.Address, seed: 1);
            await here.Pull(name);
            second = await there.Publish(registry.Address, seed: 2);
            Assert.Equal(second.Digest, (await here.Pull(name, policy: PullPolicy.Newer)).Image.Digest);
        }

        Assert.Equal(second.Digest, (await here.Pull(name, policy: PullPolicy.Newer)).Image.Digest);
        await World.Fails(() => here.Pull(name, policy: PullPolicy.Always));
    }

    [Fact]
    public async Task A_name_is_resolved_to_its_descriptor()
    {
        await using DockerRegistry registry = await DockerRegistry.Start();
        using World world = new();
        StoredImage image = await world.Publish(registry.Address);
        await world.Push($"{registry.Address}/test/app:1", $"{registry.Address}/test/app:two");

        Descriptor resolved = await world.Client.ResolveAsync(ImageReference.Parse($"{registry.Address}/test/app:two"), null, World.Cancellation);

        Assert.Equal(image.Manifest with { Annotations = null }, resolved);
    }

    [Theory]
    [InlineData("test/none:1")]
    [InlineData("test/app:none")]
    [InlineData("test/app@sha256:0000000000000000000000000000000000000000000000000000000000000000")]
    public async Task What_is_not_there_is_told_by_name_and_nothing_is_tried_again(string name)
    {
        await using DockerRegistry registry = await DockerRegistry.Start();
        await using FaultProxy proxy = await FaultProxy.Start(registry.Address, (_, pass) => pass.Through());
        using World world = new();
        await world.Publish(registry.Address);

        QuiltException e = await World.Fails(() => world.Pull($"{proxy.Address}/{name}"));

        Assert.Equal((ErrorCode.NotFound, "image"), (e.Code, e.Field));
        Assert.Contains(name, e.Message, StringComparison.Ordinal);
        Assert.Single(proxy.Seen, r => r.Path.Contains("manifests", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_is_Quilts_own_comes_from_no_registry()
    {
        using World world = new();
        Assert.Equal(ErrorCode.InvalidArgument, (await World.Fails(() => world.Pull("quilt/busybox"))).Code);
    }
}
