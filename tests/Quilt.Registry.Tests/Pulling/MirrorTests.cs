using Microsoft.AspNetCore.Http;
using Quilt.Core;
using Quilt.Images;
using Quilt.Registry.Tests.Servers;

namespace Quilt.Registry.Tests.Pulling;

public sealed class MirrorTests
{
    [Fact]
    public async Task A_mirror_is_asked_first_and_alone_where_it_has_all()
    {
        await using DockerRegistry mirror = await DockerRegistry.Start();
        await using WebServer origin = await WebServer.Start(context => context.Response.StatusCode = 500);
        using World there = new(), here = new(Mirrors(origin.Address, mirror.Address));
        StoredImage image = await there.Publish(mirror.Address);

        PulledImage pulled = await here.Pull($"{origin.Address}/test/app:1");

        Assert.Equal((image.Digest, mirror.Address), (pulled.Image.Digest, pulled.From));
        Assert.Equal($"{origin.Address}/test/app:1", pulled.Image.Reference.Canonical);
        Assert.Empty(origin.Seen);
    }

    [Fact]
    public async Task A_mirror_may_keep_repositories_under_a_prefix()
    {
        await using DockerRegistry mirror = await DockerRegistry.Start();
        using World there = new(), here = new(Mirrors("registry.invalid", $"http://{mirror.Address}/cache/of"));
        StoredImage image = await there.Publish(mirror.Address, "cache/of/test/app:1");

        Assert.Equal(image.Digest, (await here.Pull("registry.invalid/test/app:1")).Image.Digest);
    }

    [Fact]
    public async Task What_a_mirror_does_not_have_or_cannot_give_comes_from_the_next_and_at_last_from_the_registry()
    {
        await using DockerRegistry origin = await DockerRegistry.Start(), empty = await DockerRegistry.Start();
        await using WebServer broken = await WebServer.Start(context => context.Response.StatusCode = 502);
        using World there = new(), here = new(Mirrors(origin.Address, "127.0.0.1:1", broken.Address, empty.Address));
        StoredImage image = await there.Publish(origin.Address);

        PulledImage pulled = await here.Pull($"{origin.Address}/test/app:1");

        Assert.Equal((image.Digest, origin.Address), (pulled.Image.Digest, pulled.From));
    }

    [Fact]
    public async Task A_blob_that_a_mirror_lost_comes_from_the_registry()
    {
        await using DockerRegistry origin = await DockerRegistry.Start();
        await using FaultProxy mirror = await FaultProxy.Start(origin.Address, async (context, pass) =>
        {
            if (pass.IsBlob)
            {
                context.Response.StatusCode = 404;
                return;
            }

            await pass.Through();
        });
        using World there = new(), here = new(Mirrors(origin.Address, mirror.Address));
        StoredImage image = await there.Publish(origin.Address);

        PulledImage pulled = await here.Pull($"{origin.Address}/test/app:1");

        Assert.Equal((image.Digest, mirror.Address), (pulled.Image.Digest, pulled.From));
    }

    [Fact]
    public async Task A_blob_that_a_mirror_has_wrong_comes_from_the_registry()
    {
        await using DockerRegistry origin = await DockerRegistry.Start();
        await using FaultProxy mirror = await FaultProxy.Start(origin.Address, Damage);
        using World there = new(), here = new(Mirrors(origin.Address, mirror.Address));
        StoredImage image = await there.Publish(origin.Address);

        Assert.Equal(image.Digest, (await here.Pull($"{origin.Address}/test/app:1")).Image.Digest);
    }

    [Fact]
    public async Task A_blob_that_is_wrong_everywhere_is_asked_for_once_more_and_then_refused()
    {
        await using DockerRegistry registry = await DockerRegistry.Start();
        await using FaultProxy first = await FaultProxy.Start(registry.Address, Damage), second = await FaultProxy.Start(registry.Address, Damage), third = await FaultProxy.Start(registry.Address, Damage);
        using World there = new(), here = new(Mirrors(third.Address, first.Address, second.Address));
        await there.Publish(registry.Address, layerBytes: [300_000]);

        QuiltException e = await World.Fails(() => here.Pull($"{third.Address}/test/app:1"));

        Assert.Equal(ErrorCode.InvalidArgument, e.Code);
        Assert.Contains(second.Seen, r => r.Path.Contains("/blobs/", StringComparison.Ordinal));
        Assert.DoesNotContain(third.Seen, r => r.Path.Contains("/blobs/", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_cut_at_a_mirror_that_then_is_gone_goes_on_at_the_registry_where_it_was()
    {
        await using DockerRegistry registry = await DockerRegistry.Start();
        int cuts = 0;
        await using FaultProxy mirror = await FaultProxy.Start(registry.Address, async (context, pass) =>
        {
            if (!pass.IsBlob)
            {
                await pass.Through();
            }
            else if (Interlocked.Increment(ref cuts) > 1)
            {
                context.Response.StatusCode = 500;
            }
            else
            {
                byte[] content = await pass.Content();
                context.Response.ContentLength = content.Length;
                await context.Response.Body.WriteAsync(content.AsMemory(0, content.Length / 2));
                await context.Response.Body.FlushAsync();
                context.Abort();
            }
        });
        await using FaultProxy origin = await FaultProxy.Start(registry.Address, (_, pass) => pass.Through());
        using World there = new(), here = new(Mirrors(origin.Address, mirror.Address));
        StoredImage image = await there.Publish(registry.Address, layerBytes: [3_000_000]);

        Assert.Equal(image.Digest, (await here.Pull($"{origin.Address}/test/app:1")).Image.Digest);
    }

    private static async Task Damage(HttpContext context, FaultProxy.Pass pass)
    {
        byte[] content = await pass.Content();
        if (pass.IsBlob && content.Length > 100_000)
        {
            content[^1] ^= 1;
        }

        if (context.Request.Method != "HEAD")
        {
            await context.Response.Body.WriteAsync(content);
        }
    }

    private static RegistryOptions Mirrors(string registry, params string[] mirrors) =>
        new() { Registries = new Dictionary<string, RegistrySettings> { [registry] = new() { Mirrors = mirrors } } };
}
