using System.Collections.Concurrent;
using Microsoft.AspNetCore.Http;
using Quilt.Core;
using Quilt.Images;
using Quilt.Registry.Tests.Servers;

namespace Quilt.Registry.Tests.Pushing;

public sealed class PushTests
{
    private static readonly TransferPolicy Chunked = World.Impatient with { ChunkBytes = 256 << 10 };

    [Fact]
    public async Task What_the_registry_has_is_not_sent_again()
    {
        await using DockerRegistry registry = await DockerRegistry.Start();
        using World world = new();
        StoredImage image = await TestImage.Make(world.Store, $"{registry.Address}/test/app:1");
        string name = $"{registry.Address}/test/app:1";
        Progress first = new(), second = new();

        PushedImage pushed = await world.Push(name, name, progress: first);
        PushedImage again = await world.Push(name, $"{registry.Address}/test/app:2", progress: second);

        Assert.Equal((image.Digest, 3), (pushed.Digest, pushed.Layers));
        Assert.InRange(pushed.TransferredBytes, image.Layers.Sum(l => l.Blob.Size), image.SizeBytes);
        Assert.Equal((image.Digest, 0), (again.Digest, again.TransferredBytes));
        Assert.All(image.Layers, l => Assert.Equal((TransferStage.Done, l.Blob.Size), first.Last(l.Blob.Digest)));
        Assert.All(image.Layers, l => Assert.Equal((TransferStage.Present, l.Blob.Size), second.Last(l.Blob.Digest)));
    }

    [Fact]
    public async Task What_another_repository_of_the_registry_has_is_taken_from_there()
    {
        await using TokenIssuer tokens = await TokenIssuer.Start();
        await using DockerRegistry registry = await tokens.StartRegistry();
        await using FaultProxy proxy = await FaultProxy.Start(registry.Address, (_, pass) => pass.Through());
        using World world = new();
        Quilt.Credentials.RegistryCredential writer = new() { Username = TokenIssuer.User, Secret = TokenIssuer.Password };
        StoredImage image = await TestImage.Make(world.Store, $"{proxy.Address}/test/one:1");
        await world.Push($"{proxy.Address}/test/one:1", $"{proxy.Address}/test/one:1", writer);

        PushedImage pushed = await world.Push($"{proxy.Address}/test/one:1", $"{proxy.Address}/test/two:1", writer);

        Assert.InRange(pushed.TransferredBytes, 0, 2000); // the configuration alone
        Assert.Equal(image.Layers.Count, proxy.Seen.Count(r => r.Path.Contains("mount=", StringComparison.Ordinal)));
        using World here = new();
        Assert.Equal(image.Digest, (await here.Pull($"{registry.Address}/test/two:1")).Image.Digest);
    }

    [Fact]
    public async Task Who_may_not_read_in_another_repository_sends_all()
    {
        await using TokenIssuer tokens = await TokenIssuer.Start();
        await using DockerRegistry registry = await tokens.StartRegistry();
        using World world = new();
        Quilt.Credentials.RegistryCredential writer = new() { Username = TokenIssuer.User, Secret = TokenIssuer.Password };
        StoredImage image = await TestImage.Make(world.Store, $"{registry.Address}/test/one:1");
        await world.Push($"{registry.Address}/test/one:1", $"{registry.Address}/test/one:1", writer);
        tokens.MostScopes = 1;

        PushedImage pushed = await world.Push($"{registry.Address}/test/one:1", $"{registry.Address}/test/two:1", writer);

        Assert.True(pushed.TransferredBytes > image.Layers.Sum(l => l.Blob.Size));
        using World here = new();
        Assert.Equal(image.Digest, (await here.Pull($"{registry.Address}/test/two:1")).Image.Digest);
    }

    [Fact]
    public async Task A_large_blob_goes_in_chunks()
    {
        await using DockerRegistry registry = await DockerRegistry.Start();
        await using FaultProxy proxy = await FaultProxy.Start(registry.Address, (_, pass) => pass.Through());
        using World there = new(policy: Chunked), here = new();
        StoredImage image = await there.Publish(proxy.Address, layerBytes: [2_000_000]);

        Assert.Equal(Math.Ceiling((double)image.Layers[0].Blob.Size / Chunked.ChunkBytes), proxy.Seen.Count(r => r.Method == "PATCH"));
        Assert.Equal(image.Digest, (await here.Pull($"{registry.Address}/test/app:1")).Image.Digest);
    }

    [Theory]
    [InlineData("PATCH")]
    [InlineData("PUT")]
    [InlineData("POST")]
    public async Task What_fails_on_the_way_up_is_taken_up_again(string method)
    {
        int failures = 0;
        await using DockerRegistry registry = await DockerRegistry.Start();
        await using FaultProxy proxy = await FaultProxy.Start(registry.Address, async (context, pass) =>
        {
            if (context.Request.Method == method && Interlocked.Increment(ref failures) % 2 == 1)
            {
                context.Response.StatusCode = 503;
                return;
            }

            await pass.Through();
        });
        using World there = new(policy: Chunked), here = new();
        StoredImage image = await there.Publish(proxy.Address, layerBytes: [1_000_000, 2000]);

        Assert.True(failures > 1);
        Assert.Equal(image.Digest, (await here.Pull($"{registry.Address}/test/app:1")).Image.Digest);
    }

    [Fact]
    public async Task A_cut_in_the_midst_of_a_chunk_does_no_harm()
    {
        int cuts = 0;
        await using DockerRegistry registry = await DockerRegistry.Start();
        await using FaultProxy proxy = await FaultProxy.Start(registry.Address, async (context, pass) =>
        {
            if (context.Request.Method == "PATCH" && Interlocked.Increment(ref cuts) == 2)
            {
                await context.Request.Body.ReadExactlyAsync(new byte[1000]);
                context.Abort();
                return;
            }

            await pass.Through();
        });
        using World there = new(policy: Chunked), here = new();
        StoredImage image = await there.Publish(proxy.Address, layerBytes: [1_000_000]);

        Assert.Equal(image.Digest, (await here.Pull($"{registry.Address}/test/app:1")).Image.Digest);
    }

    [Fact]
    public async Task An_upload_goes_on_where_the_registry_says_that_it_is()
    {
        using MemoryStream taken = new();
        int patches = 0;
        string? manifest = null;
        ConcurrentBag<string> states = [];
        await using WebServer registry = await WebServer.Start(async context =>
        {
            string method = context.Request.Method;
            context.Response.StatusCode = method switch { "HEAD" => 404, "PUT" => 201, "GET" => 204, _ => 202 };
            if (context.Request.Path.Value!.Contains("/manifests/", StringComparison.Ordinal))
            {
                manifest = context.Request.ContentType;
            }
            else if (method == "PATCH" && ++patches == 2)
            {
                // It takes a part and fails.
                byte[] part = new byte[70_000];
                await context.Request.Body.ReadExactlyAsync(part);
                taken.Write(part);
                context.Response.StatusCode = 500;
                return;
            }
            else if (method is "PATCH")
            {
                Assert.StartsWith($"{taken.Length}-", context.Request.Headers.ContentRange.ToString(), StringComparison.Ordinal);
                await context.Request.Body.CopyToAsync(taken);
            }

            if (context.Request.Query.TryGetValue("state", out var state))
            {
                states.Add(state.ToString());
            }

            context.Response.Headers.Location = "/v2/a/blobs/uploads/1?state=a%2Bb%26c%20d";
            context.Response.Headers["Range"] = $"0-{Math.Max(0, taken.Length - 1)}";
        });
        using World world = new(policy: Chunked);
        StoredImage image = await TestImage.Make(world.Store, "a.invalid/a:1", layerBytes: [1_000_000]);

        await world.Push("a.invalid/a:1", $"{registry.Address}/a:1");

        Assert.Equal(TestImage.Blob(world.Store, image.Layers[0].Blob.Digest), taken.ToArray());
        Assert.Equal(image.Manifest.MediaType, manifest);
        Assert.Equal(["a+b&c d"], states.Distinct());
    }

    [Fact]
    public async Task What_is_not_here_or_has_another_digest_is_not_pushed()
    {
        using World world = new();
        await TestImage.Make(world.Store, "a.invalid/a:1", layerBytes: [100]);
        Assert.Equal(ErrorCode.NotFound, (await World.Fails(() => world.Push("a.invalid/b:1", "a.invalid/b:1"))).Code);
        Assert.Equal("target", (await World.Fails(() => world.Push("a.invalid/a:1", $"a.invalid/a@sha256:{new string('0', 64)}"))).Field);
    }

    [Fact]
    public async Task A_registry_that_takes_nothing_is_told_by_its_own_words()
    {
        await using WebServer registry = await WebServer.Start(async context =>
        {
            context.Response.StatusCode = context.Request.Method == "HEAD" ? 404 : 405;
            await context.Response.WriteAsync("""{"errors":[{"code":"UNSUPPORTED","message":"a cache takes no images"}]}""");
        });
        using World world = new();
        await TestImage.Make(world.Store, "a.invalid/a:1", layerBytes: [100]);
        QuiltException e = await World.Fails(() => world.Push("a.invalid/a:1", $"{registry.Address}/a:1"));
        Assert.Equal(ErrorCode.FailedPrecondition, e.Code);
        Assert.Contains("a cache takes no images", e.Message, StringComparison.Ordinal);
    }
}
