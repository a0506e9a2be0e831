using Microsoft.AspNetCore.Http;
using Quilt.Core;
using Quilt.Images;
using Quilt.Registry.Tests.Servers;

namespace Quilt.Registry.Tests.Pulling;

/// <summary>What goes wrong on the way is made good, or told; the image is right or not there.</summary>
public sealed class FaultTests
{
    private const int Cut = 200_000;

    [Fact]
    public async Task After_a_cut_the_rest_alone_is_asked_for()
    {
        int cuts = 0;
        await using Setting at = await Setting.Make(async (context, pass) =>
        {
            byte[] content = await pass.Content();
            bool isCut = pass.IsBlob && content.Length > Cut && Interlocked.Increment(ref cuts) <= 3;
            await Send(context, content, isCut ? Cut : content.Length);
        });

        await at.PullsRight();

        Assert.True(cuts > 3, $"{cuts} large answers");
        Assert.Contains(at.Proxy.Seen, r => r.Range.StartsWith("bytes=", StringComparison.Ordinal) && r.Range != "bytes=0-");
    }

    [Fact]
    public async Task After_a_cut_a_server_that_knows_no_ranges_will_do()
    {
        int cuts = 0;
        await using Setting at = await Setting.Make(async (context, pass) =>
        {
            byte[] content = await pass.Content(ignoreRange: true);
            bool isCut = pass.IsBlob && content.Length > Cut && Interlocked.Increment(ref cuts) == 1;
            await Send(context, content, isCut ? Cut : content.Length);
        });

        await at.PullsRight();

        Assert.Contains(at.Proxy.Seen, r => r.Range.Length > 0);
    }

    [Fact]
    public async Task A_transfer_that_stops_without_an_end_is_taken_up_again()
    {
        int stops = 0;
        await using Setting at = await Setting.Make(
            async (context, pass) =>
            {
                byte[] content = await pass.Content();
                if (pass.IsBlob && content.Length > Cut && Interlocked.Increment(ref stops) == 1)
                {
                    context.Response.ContentLength = content.Length;
                    await context.Response.Body.WriteAsync(content.AsMemory(0, Cut));
                    await context.Response.Body.FlushAsync();
                    await Task.Delay(Timeout.Infinite, context.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                    return;
                }

                await Send(context, content, content.Length);
            },
            World.Impatient with { StallTimeout = TimeSpan.FromSeconds(2) });

        await at.PullsRight();
    }

    [Fact]
    public async Task An_end_that_comes_each_time_too_early_is_told()
    {
        await using Setting at = await Setting.Make(async (context, pass) =>
        {
            byte[] content = await pass.Content();
            if (pass.IsBlob && content.Length > Cut)
            {
                context.Abort();
                return;
            }

            await Send(context, content, content.Length);
        });

        QuiltException e = await at.Fails();

        Assert.Equal(ErrorCode.Unavailable, e.Code);
    }

    [Theory]
    [InlineData(500)]
    [InlineData(502)]
    [InlineData(503)]
    [InlineData(429)]
    public async Task What_passes_by_itself_is_tried_again_as_the_registry_asks(int status)
    {
        int failures = 0;
        await using Setting at = await Setting.Make(async (context, pass) =>
        {
            if (Interlocked.Increment(ref failures) % 2 == 1)
            {
                context.Response.StatusCode = status;
                context.Response.Headers.RetryAfter = "0";
                return;
            }

            await pass.Through();
        });

        await at.PullsRight();

        Assert.True(failures > 8, $"{failures} requests");
    }

    [Fact]
    public async Task A_limit_of_requests_is_told_with_the_registrys_figures()
    {
        await using Setting at = await Setting.Make((context, _) =>
        {
            context.Response.StatusCode = 429;
            context.Response.Headers.RetryAfter = "3600";
            context.Response.Headers["RateLimit-Limit"] = "100;w=21600";
            context.Response.Headers["RateLimit-Remaining"] = "0;w=21600";
            return context.Response.WriteAsync("""{"errors":[{"code":"TOOMANYREQUESTS","message":"You have reached your limit"}]}""");
        });

        QuiltException e = await at.Fails();

        Assert.Equal(ErrorCode.ResourceExhausted, e.Code);
        Assert.All(["100;w=21600", "1h", "You have reached your limit"], part => Assert.Contains(part, e.Message, StringComparison.Ordinal));
        Assert.Single(at.Proxy.Seen, r => r.Path.Contains("manifests", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_registry_that_keeps_failing_is_told_with_its_status()
    {
        await using Setting at = await Setting.Make((context, _) =>
        {
            context.Response.StatusCode = 503;
            return Task.CompletedTask;
        });

        QuiltException e = await at.Fails();

        Assert.Equal(ErrorCode.Unavailable, e.Code);
        Assert.Contains("503", e.Message, StringComparison.Ordinal);
        Assert.Equal(World.Impatient.Attempts, at.Proxy.Seen.Count(r => r.Path.Contains("manifests", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_layer_with_another_content_is_refused()
    {
        await using Setting at = await Setting.Make(async (context, pass) =>
        {
            byte[] content = await pass.Content();
            if (pass.IsBlob && content.Length > Cut)
            {
                content[^1] ^= 1;
            }

            await Send(context, content, content.Length);
        });

        QuiltException e = await at.Fails();

        Assert.Equal(ErrorCode.InvalidArgument, e.Code);
    }

    [Fact]
    public async Task A_configuration_with_another_content_is_refused_with_both_digests()
    {
        await using Setting at = await Setting.Make(async (context, pass) =>
        {
            byte[] content = await pass.Content();
            if (pass.IsBlob && content.AsSpan().IndexOf("\"rootfs\""u8) >= 0)
            {
                content[content.AsSpan().IndexOf((byte)'A')] ^= 1;
            }

            await Send(context, content, content.Length);
        });

        QuiltException e = await at.Fails();

        Assert.Equal((ErrorCode.InvalidArgument, "digest"), (e.Code, e.Field));
        Assert.Equal(2, e.Message.Split("sha256:").Length - 1);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(1)]
    public async Task A_layer_of_another_length_is_refused_with_both_lengths(int difference)
    {
        await using Setting at = await Setting.Make(async (context, pass) =>
        {
            byte[] content = await pass.Content();
            if (pass.IsBlob && content.Length > Cut)
            {
                Array.Resize(ref content, content.Length + difference);
            }

            await Send(context, content, content.Length);
        });

        QuiltException e = await at.Fails();

        Assert.Equal((ErrorCode.InvalidArgument, "digest"), (e.Code, e.Field));
        Assert.Contains(" bytes", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_layer_that_goes_on_after_its_end_is_refused_where_no_length_was_told()
    {
        await using Setting at = await Setting.Make(async (context, pass) =>
        {
            byte[] content = await pass.Content();
            context.Response.ContentLength = null;
            await context.Response.Body.WriteAsync(content);
            if (pass.IsBlob && content.Length > Cut)
            {
                await context.Response.Body.WriteAsync(new byte[1]);
            }
        });

        Assert.Equal(ErrorCode.InvalidArgument, (await at.Fails()).Code);
    }

    [Fact]
    public async Task A_manifest_that_is_not_what_its_digest_says_is_refused_with_both()
    {
        await using Setting at = await Setting.Make(async (context, pass) =>
        {
            byte[] content = await pass.Content();
            await Send(context, pass.IsManifest ? [.. content, (byte)' '] : content, pass.IsManifest ? content.Length + 1 : content.Length);
        });

        QuiltException byDigest = await World.Fails(() => at.World.Pull($"{at.Proxy.Address}/test/app@{at.Image.Digest}"));

        Assert.Equal((ErrorCode.InvalidArgument, "digest"), (byDigest.Code, byDigest.Field));
        Assert.Contains(at.Image.Digest.ToString(), byDigest.Message, StringComparison.Ordinal);
        Assert.Equal("digest", (await at.Fails()).Field); // the registry's own header contradicts it
    }

    [Fact]
    public async Task A_manifest_without_an_end_is_not_read_for_ever()
    {
        await using Setting at = await Setting.Make(async (context, pass) =>
        {
            byte[] much = new byte[1 << 20];
            while (!context.RequestAborted.IsCancellationRequested)
            {
                await context.Response.Body.WriteAsync(much);
            }
        });

        Assert.Equal(ErrorCode.ResourceExhausted, (await at.Fails()).Code);
    }

    [Fact]
    public async Task A_pull_that_is_called_off_ends_and_the_next_one_goes_on_where_it_was()
    {
        using CancellationTokenSource stop = new();
        long first = 0;
        await using Setting at = await Setting.Make(async (context, pass) =>
        {
            byte[] content = await pass.Content();
            if (pass.IsBlob && content.Length > 1_000_000 && !stop.IsCancellationRequested)
            {
                first = content.Length;
                context.Response.ContentLength = content.Length;
                await context.Response.Body.WriteAsync(content.AsMemory(0, 1_000_000));
                await context.Response.Body.FlushAsync();
                await Task.Delay(Timeout.Infinite, context.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                return;
            }

            await Send(context, content, content.Length);
        });

        HalfWay half = new(stop);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => at.World.Client.PullAsync(
            at.World.Store, new PullRequest { Reference = ImageReference.Parse(at.Name) }, half, stop.Token));
        Assert.Null(at.World.Store.TryFind(ImageReference.Parse(at.Name)));
        await at.PullsRight();
        Assert.Contains(at.Proxy.Seen, r => r.Range.StartsWith("bytes=", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_registry_that_stands_still_keeps_nobody_waiting_who_pulls_the_same_from_another()
    {
        TaskCompletionSource stands = new(TaskCreationOptions.RunContinuationsAsynchronously), mayGoOn = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using Setting at = await Setting.Make(async (context, pass) =>
        {
            byte[] content = await pass.Content();
            if (pass.IsBlob && content.Length > Cut)
            {
                stands.TrySetResult();
                await mayGoOn.Task;
            }

            await Send(context, content, content.Length);
        });
        Task<PulledImage> first = at.World.Pull(at.Name);
        await stands.Task;

        PulledImage second = await at.World.Pull($"{at.Registry.Address}/test/app:1");

        Assert.Equal(at.Image.Digest, second.Image.Digest);
        Assert.False(first.IsCompleted);
        mayGoOn.SetResult();
        Assert.Equal(at.Image.Digest, (await first).Image.Digest);
    }

    private static async Task Send(HttpContext context, byte[] content, int count)
    {
        if (context.Request.Method == "HEAD")
        {
            return;
        }

        context.Response.ContentLength = content.Length;
        await context.Response.Body.WriteAsync(content.AsMemory(0, count));
        if (count < content.Length)
        {
            await context.Response.Body.FlushAsync();
            context.Abort();
        }
    }

    /// <summary>Calls off when something of a large blob is there.</summary>
    private sealed class HalfWay(CancellationTokenSource stop) : IProgress<TransferProgress>
    {
        public void Report(TransferProgress value)
        {
            if (value is { Stage: TransferStage.Transferring, Bytes: > 100_000, Blob.Size: > 1_000_000 })
            {
                stop.Cancel();
            }
        }
    }

    /// <summary>An image in a registry behind a proxy, and a store that does not have it yet.</summary>
    private sealed class Setting(DockerRegistry registry, FaultProxy proxy, World there, World world, StoredImage image) : IAsyncDisposable
    {
        public DockerRegistry Registry => registry;
        public FaultProxy Proxy => proxy;
        public World World => world;
        public StoredImage Image => image;
        public string Name => $"{proxy.Address}/test/app:1";

        public static async Task<Setting> Make(Func<HttpContext, FaultProxy.Pass, Task> fault, TransferPolicy? policy = null)
        {
            DockerRegistry registry = await DockerRegistry.Start();
            World there = new();
            StoredImage image = await there.Publish(registry.Address);
            return new Setting(registry, await FaultProxy.Start(registry.Address, fault), there, new World(policy: policy), image);
        }

        public async Task PullsRight()
        {
            PulledImage pulled = await world.Pull(Name);
            Assert.Equal(image.Digest, pulled.Image.Digest);
            Assert.All(image.Layers, layer => Assert.Equal(TestImage.Blob(there.Store, layer.Blob.Digest), TestImage.Blob(world.Store, layer.Blob.Digest)));
        }

        /// <summary>And no image of the name is there.</summary>
        public async Task<QuiltException> Fails()
        {
            QuiltException e = await World.Fails(() => world.Pull(Name));
            Assert.Empty(world.Store.List());
            return e;
        }

        public async ValueTask DisposeAsync()
        {
            await proxy.DisposeAsync();
            await registry.DisposeAsync();
            there.Dispose();
            world.Dispose();
        }
    }
}
