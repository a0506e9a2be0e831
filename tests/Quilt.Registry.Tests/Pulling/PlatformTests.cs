using System.Text;
using Microsoft.AspNetCore.Http;
using Quilt.Core;
using Quilt.Images;
using Quilt.Registry.Tests.Servers;

namespace Quilt.Registry.Tests.Pulling;

public sealed class PlatformTests
{
    [Theory]
    [InlineData("linux/amd64", "linux/amd64")]
    [InlineData("linux/arm64", "linux/arm64/v8")]
    [InlineData("linux/aarch64/v8", "linux/arm64/v8")]
    [InlineData("linux/arm", "linux/arm/v7")]
    [InlineData("linux/arm/v8", "linux/arm/v7")]
    [InlineData("linux/arm/v6", "linux/arm/v6")]
    [InlineData("linux/amd64/v3", "linux/amd64/v2")]
    [InlineData("linux/x86_64", "linux/amd64")]
    [InlineData("linux/arm/v5", null)]
    [InlineData("linux/s390x", null)]
    [InlineData("windows/amd64", null)]
    public void Of_an_index_the_best_that_runs_on_the_platform_is_chosen(string wanted, string? expected)
    {
        Descriptor[] index =
        [
            Entry("linux/arm/v6"), Entry("linux/amd64"), Entry("linux/arm64/v8"), Entry("linux/arm/v7"), Entry("linux/amd64/v2"), Entry("unknown/unknown"),
            Entry("linux/riscv64") with { Platform = null },
        ];
        Platform? chosen = PlatformSelection.Choose(index, PlatformName.Parse(wanted))?.Platform;
        Assert.Equal(expected, chosen is null ? null : PlatformName.Format(chosen));
    }

    [Theory]
    [InlineData("")]
    [InlineData("linux/")]
    [InlineData("linux/amd64/v1/x")]
    [InlineData("linux/am d64")]
    public void What_is_no_platform_is_refused(string text) =>
        Assert.Equal("platform", Assert.Throws<QuiltException>(() => PlatformName.Parse(text)).Field);

    [Fact]
    public async Task Of_an_index_the_image_for_the_platform_is_pulled_and_found_by_the_digests_of_both()
    {
        await using Hub hub = await Hub.Make();
        Descriptor index = hub.Index(hub.Image("amd64"), hub.Image("arm64"));
        using World world = new();

        PulledImage pulled = await world.Pull($"{hub.Address}/app@{index.Digest}", platform: "linux/arm64");

        Assert.Equal("arm64", pulled.Image.Config.Architecture);
        Assert.Equal(index.Digest, pulled.IndexDigest);
        Assert.Equal(pulled.Image.Digest, world.Store.TryFind(ImageReference.Parse($"{hub.Address}/app@{index.Digest}"))!.Digest);
        Assert.Equal(pulled.Image.Digest, world.Store.TryFind(ImageReference.Parse($"{hub.Address}/app@{pulled.Image.Digest}"))!.Digest);
    }

    [Fact]
    public async Task An_index_within_an_index_is_looked_into()
    {
        await using Hub hub = await Hub.Make();
        Descriptor index = hub.Index(hub.Image("s390x"), hub.Index(hub.Image("amd64")));
        using World world = new();
        Assert.Equal("amd64", (await world.Pull($"{hub.Address}/app@{index.Digest}", platform: "amd64")).Image.Config.Architecture);
    }

    [Fact]
    public async Task An_index_within_an_index_within_an_index_is_not()
    {
        await using Hub hub = await Hub.Make();
        Descriptor index = hub.Index(hub.Image("s390x"), hub.Index(hub.Index(hub.Image("amd64"))));
        using World world = new();
        QuiltException e = await World.Fails(() => world.Pull($"{hub.Address}/app@{index.Digest}", platform: "amd64"));
        Assert.Equal("platform", e.Field);
    }

    [Fact]
    public async Task Where_none_fits_it_is_told_which_exist()
    {
        await using Hub hub = await Hub.Make();
        Descriptor index = hub.Index(hub.Image("amd64"), hub.Image("arm64"), hub.Image("s390x"));
        using World world = new();
        QuiltException e = await World.Fails(() => world.Pull($"{hub.Address}/app@{index.Digest}", platform: "linux/riscv64"));
        Assert.Equal((ErrorCode.InvalidArgument, "platform"), (e.Code, e.Field));
        Assert.Contains("linux/riscv64", e.Message, StringComparison.Ordinal);
        Assert.Contains("linux/amd64, linux/arm64, linux/s390x", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_image_without_an_index_is_refused_where_it_is_for_another_platform()
    {
        await using Hub hub = await Hub.Make();
        Descriptor image = hub.Image("s390x");
        using World world = new();
        QuiltException e = await World.Fails(() => world.Pull($"{hub.Address}/app@{image.Digest}"));
        Assert.Equal((ErrorCode.InvalidArgument, "platform"), (e.Code, e.Field));
        Assert.Contains("linux/s390x", e.Message, StringComparison.Ordinal);
        Assert.Empty(world.Store.List());
    }

    [Fact]
    public async Task An_index_of_very_many_images_is_refused()
    {
        await using Hub hub = await Hub.Make();
        Descriptor image = hub.Image("amd64");
        Descriptor index = hub.Index([.. Enumerable.Repeat(image, 1025)]);
        using World world = new();
        Assert.Equal(ErrorCode.ResourceExhausted, (await World.Fails(() => world.Pull($"{hub.Address}/app@{index.Digest}"))).Code);
    }

    [Theory]
    [InlineData("""{"schemaVersion":1,"name":"a","fsLayers":[]}""", "application/vnd.docker.distribution.manifest.v1+prettyjws", ErrorCode.Unimplemented, "schema 1")]
    [InlineData("""{"schemaVersion":1,"name":"a","fsLayers":[]}""", "application/json", ErrorCode.Unimplemented, "schema 1")]
    [InlineData("""{"schemaVersion":2,"mediaType":"application/vnd.example.chart"}""", "application/vnd.example.chart", ErrorCode.InvalidArgument, "application/vnd.example.chart")]
    [InlineData("""{"schemaVersion":2,"manifests":[],"layers":[]}""", "application/vnd.oci.image.index.v1+json", ErrorCode.InvalidArgument, "contradicts")]
    [InlineData("""{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[]}""", "application/vnd.oci.image.manifest.v1+json", ErrorCode.InvalidArgument, "contradicts")]
    [InlineData("""{"schemaVersion":2,"schemaVersion":2,"layers":[]}""", "application/vnd.oci.image.manifest.v1+json", ErrorCode.InvalidArgument, "JSON")]
    [InlineData("""<html>""", "text/html", ErrorCode.InvalidArgument, "JSON")]
    [InlineData("""[1]""", "application/json", ErrorCode.InvalidArgument, "JSON")]
    [InlineData("""{"schemaVersion":2}""", "application/json", ErrorCode.InvalidArgument, "unknown kind")]
    public async Task A_manifest_that_is_none_of_an_image_is_refused_by_its_kind(string content, string type, ErrorCode code, string says)
    {
        await using WebServer registry = await WebServer.Start(context =>
        {
            context.Response.ContentType = type;
            return context.Response.WriteAsync(content);
        });
        using World world = new();
        QuiltException e = await World.Fails(() => world.Pull($"{registry.Address}/a:1"));
        Assert.Equal(code, e.Code);
        Assert.Contains(says, e.Message, StringComparison.Ordinal);
    }

    private static Descriptor Entry(string platform) => Descriptor.Of(MediaTypes.Manifest, Encoding.UTF8.GetBytes(platform)) with
    {
        Platform = new Platform { Os = platform.Split('/')[0], Architecture = platform.Split('/')[1], Variant = platform.Split('/').ElementAtOrDefault(2) },
    };

    /// <summary>A registry of what the test puts in, by digest.</summary>
    private sealed class Hub : IAsyncDisposable
    {
        private readonly Dictionary<string, (string Type, byte[] Content)> _content = [];
        private WebServer? _server;

        public string Address => _server!.Address;

        public static async Task<Hub> Make()
        {
            Hub hub = new();
            hub._server = await WebServer.Start(async context =>
            {
                string digest = context.Request.Path.Value!.Split('/')[^1];
                if (!hub._content.TryGetValue(digest, out (string Type, byte[] Content) found))
                {
                    context.Response.StatusCode = 404;
                    return;
                }

                context.Response.ContentType = found.Type;
                context.Response.ContentLength = found.Content.Length;
                await context.Response.Body.WriteAsync(found.Content);
            });
            return hub;
        }

        public Descriptor Image(string architecture)
        {
            byte[] archive = new byte[1024]; // an empty one
            Descriptor layer = Put(MediaTypes.Layer, archive);
            string rootfs = $"{{\"type\":\"layers\",\"diff_ids\":[\"{layer.Digest}\"]}}";
            Descriptor config = Put(MediaTypes.Config, Encoding.UTF8.GetBytes($"{{\"architecture\":\"{architecture}\",\"os\":\"linux\",\"rootfs\":{rootfs}}}"));
            return Put(MediaTypes.Manifest, Encoding.UTF8.GetBytes(
                $$"""{"schemaVersion":2,"mediaType":"{{MediaTypes.Manifest}}","config":{{Json(config)}},"layers":[{{Json(layer)}}]}""")) with
            { Platform = new Platform { Os = "linux", Architecture = architecture } };
        }

        public Descriptor Index(params Descriptor[] manifests) => Put(MediaTypes.Index, Encoding.UTF8.GetBytes(
            $$"""{"schemaVersion":2,"mediaType":"{{MediaTypes.Index}}","manifests":[{{string.Join(',', manifests.Select(Json))}}]}"""));

        public ValueTask DisposeAsync() => _server!.DisposeAsync();

        private Descriptor Put(string type, byte[] content)
        {
            Descriptor descriptor = Descriptor.Of(type, content);
            _content[descriptor.Digest.ToString()] = (type, content);
            return descriptor;
        }

        private static string Json(Descriptor descriptor)
        {
            string platform = descriptor.Platform is { } p ? $",\"platform\":{{\"os\":\"{p.Os}\",\"architecture\":\"{p.Architecture}\"}}" : "";
            return $"{{\"mediaType\":\"{descriptor.MediaType}\",\"digest\":\"{descriptor.Digest}\",\"size\":{descriptor.Size}{platform}}}";
        }
    }
}
