using System.Text.Json;
using Quilt.Core;
using Quilt.Images;
using Quilt.Registry.Tests.Servers;

namespace Quilt.Registry.Tests.Pulling;

/// <summary>Another client puts in what ours takes out, and the other way round.</summary>
public sealed class DifferentialTests
{
    [Theory]
    [InlineData("oci")]
    [InlineData("v2s2")]
    public async Task What_skopeo_pushes_in_either_format_is_pulled_byte_for_byte(string format)
    {
        await using DockerRegistry registry = await DockerRegistry.Start();
        using World there = new(), here = new();
        await there.Publish(registry.Address);

        await Skopeo.Run("copy", "--src-tls-verify=false", "--dest-tls-verify=false", "--format", format, $"docker://{registry.Address}/test/app:1", $"docker://{registry.Address}/copied/app:1");
        PulledImage pulled = await here.Pull($"{registry.Address}/copied/app:1");

        string raw = await Skopeo.Run("inspect", "--raw", "--tls-verify=false", $"docker://{registry.Address}/copied/app:1");
        Assert.Equal(raw, System.Text.Encoding.UTF8.GetString(TestImage.Blob(here.Store, pulled.Image.Digest)));
        Assert.Equal(format == "oci" ? MediaTypes.Manifest : MediaTypes.DockerManifest, pulled.Image.Manifest.MediaType);
    }

    [Fact]
    public async Task What_we_push_skopeo_copies_to_a_folder_with_the_same_bytes()
    {
        await using DockerRegistry registry = await DockerRegistry.Start();
        using World world = new();
        StoredImage image = await world.Publish(registry.Address);

        await Skopeo.Run("copy", "--src-tls-verify=false", $"docker://{registry.Address}/test/app:1", $"dir:{world["copy"]}");

        Assert.Equal(TestImage.Blob(world.Store, image.Digest), await File.ReadAllBytesAsync(world["copy/manifest.json"], World.Cancellation));
        foreach (Digest blob in image.Layers.Select(l => l.Blob.Digest).Append(image.ConfigDigest))
        {
            Assert.Equal(TestImage.Blob(world.Store, blob), await File.ReadAllBytesAsync(world[$"copy/{blob.Hex}"], World.Cancellation));
        }
    }

    [Fact]
    public async Task What_we_pulled_and_push_elsewhere_has_the_same_digest_there()
    {
        await using DockerRegistry one = await DockerRegistry.Start(), two = await DockerRegistry.Start();
        using World there = new(), here = new();
        await there.Publish(one.Address);
        await Skopeo.Run("copy", "--src-tls-verify=false", "--dest-tls-verify=false", "--format", "v2s2", $"docker://{one.Address}/test/app:1", $"docker://{one.Address}/docker/app:1");
        PulledImage pulled = await here.Pull($"{one.Address}/docker/app:1");

        await here.Push($"{one.Address}/docker/app:1", $"{two.Address}/moved/app:1");

        using JsonDocument seen = JsonDocument.Parse(await Skopeo.Run("inspect", "--tls-verify=false", $"docker://{two.Address}/moved/app:1"));
        Assert.Equal(pulled.Image.Digest.ToString(), seen.RootElement.GetProperty("Digest").GetString());
    }
}
