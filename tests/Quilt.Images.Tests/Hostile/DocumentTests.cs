using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using CsCheck;
using Quilt.Core;
using Quilt.Fuzzing;

namespace Quilt.Images.Tests.Hostile;

/// <summary>The documents of an image and the names of images: a registry, an archive or an agent may have written anything.</summary>
public sealed class DocumentTests
{
    private const string Hex = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

    private const string Index = $$$"""
        {"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","annotations":{"a":"b"},"manifests":[
          {"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"sha256:{{{Hex}}}","size":5,"platform":{"os":"linux","architecture":"arm","variant":"v7","os.features":["f"]},"urls":["u"]},
          {"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"sha256:{{{Hex}}}","size":5,"platform":{"os":"linux","architecture":"amd64"}}]}
        """;

    private const string Manifest = $$$"""
        {"schemaVersion":2,"config":{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"sha256:{{{Hex}}}","size":5},
         "layers":[{"mediaType":"application/vnd.oci.image.layer.v1.tar+gzip","digest":"sha256:{{{Hex}}}","size":7}]}
        """;

    private const string Config = $$$"""
        {"created":"2026-01-02T03:04:05.123456789Z","architecture":"amd64","os":"linux","variant":"v2","rootfs":{"type":"layers","diff_ids":["sha256:{{{Hex}}}"]},
         "history":[{"created":"2026-01-02T03:04:05Z","created_by":"x","empty_layer":true}],"other":{"x":1},
         "config":{"User":"a:b","ExposedPorts":{"80/tcp":{}},"Env":["A=b"],"Entrypoint":["e"],"Cmd":["c"],"Volumes":{"/v":{}},"WorkingDir":"/w","Labels":{"l":"m"},"StopSignal":"SIGQUIT",
          "Healthcheck":{"Test":["CMD","t"],"Interval":1000000000,"Retries":3},"OnBuild":["RUN x"],"Shell":["/bin/sh","-c"]}}
        """;

    [Fact]
    public void An_index_that_is_anything_is_refused_or_a_platform_is_chosen_of_it() => Fuzz.Run(MutatedJson.Of(Index), json =>
        Understand(json, ImageJson.Default.ImageIndex, index =>
        {
            Descriptor[] entries = [.. (index.Manifests ?? []).Where(m => m is not null)];
            _ = PlatformSelection.Choose(entries, PlatformName.Machine);
            Assert.NotNull(PlatformSelection.NoneFits("image", PlatformName.Machine, entries.Select(e => e.Platform).OfType<Platform>()).Remedy);
            return entries.All(e => e.Digest != default);
        }));

    [Fact]
    public void A_manifest_that_is_anything_is_understood_or_refused() => Fuzz.Run(MutatedJson.Of(Manifest), json =>
        Understand(json, ImageJson.Default.ImageManifest, manifest =>
        {
            _ = ImageReader.ConfigOf(manifest);
            return (manifest.Layers ?? []).All(l => l is null || l.Digest != default);
        }));

    [Fact]
    public void A_configuration_that_is_anything_is_understood_or_refused() => Fuzz.Run(MutatedJson.Of(Config), json =>
        Understand(json, ImageJson.Default.ImageDocument, document =>
        {
            ImageReader.RefuseNulls(document.Config ?? new ImageDocumentConfig());
            ImageConfig config = ImageConfig.From(document);
            Assert.All((IReadOnlyList<string>[])[config.Env, config.Entrypoint, config.Cmd, config.ExposedPorts, config.Volumes, config.OnBuild, config.Shell, [.. config.Labels.Values], config.Healthcheck?.Test ?? []], list => Assert.DoesNotContain(null, list));
            Assert.NotNull(config.ToString());
            Assert.True(PlatformSelection.Fits(PlatformSelection.Of(document), PlatformSelection.Of(document)));
            return true;
        }));

    [Theory]
    [InlineData("""{"os":"linux","config":{"Env":[null]}}""")]
    [InlineData("""{"os":"linux","config":{"Labels":{"a":null}}}""")]
    [InlineData("""{"os":"linux","config":{"Healthcheck":{"Test":["CMD",null]}}}""")]
    [InlineData("""{"os":"linux","architecture":null}""")]
    [InlineData("""{"os":"linux","other":{"a":"\ud800"}}""")]
    [InlineData("""{"os":"linux","\ud800":1}""")]
    public void A_null_or_half_a_character_where_a_text_belongs_is_refused(string json) => Assert.Equal(ErrorCode.InvalidArgument, Assert.Throws<QuiltException>(() =>
        ImageReader.RefuseNulls(ImageJson.Read(System.Text.Encoding.UTF8.GetBytes(json), ImageJson.Default.ImageDocument, "configuration").Config!)).Code);

    [Fact]
    public void A_reference_and_a_platform_are_such_or_refused() => Fuzz.Run(
        Gen.OneOf(Mutated.Text($"localhost:5000/a/b:tag@sha256:{Hex}", "debian:12", "quilt/busybox", "[::1]:5000/x", "linux/arm/v7"), Gen.String),
        text =>
        {
            Refused(() => Assert.Equal(ImageReference.Parse(text), ImageReference.Parse(ImageReference.Parse(text).ToString())));
            Refused(() => Assert.NotEmpty(PlatformName.Format(PlatformName.Parse(text))));
        });

    [Fact]
    public void A_name_without_end_is_refused_at_once() =>
        Assert.All((string[])[new('a', 1 << 20), string.Concat(Enumerable.Repeat("a-", 1 << 19)), string.Concat(Enumerable.Repeat("a.", 1 << 19)) + "/x", new('-', 1 << 20)], text => Assert.False(ImageReference.TryParse(text, out _)));

    [Fact]
    public void Access_lists_and_capabilities_are_shifted_or_left() => Fuzz.Run(
        Mutated.Bytes([2, 0, 0, 0, 1, 0, 7, 0, 255, 255, 255, 255, 2, 0, 7, 0, 5, 0, 0, 0], [1, 0, 0, 3, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9, 0, 0, 0], [1, 0, 0, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]),
        value =>
        {
            Assert.Equal(value.Length, AccessList.Shifted(value, new IdShift(0, 100_000)).Length);
            Assert.InRange(FileCapabilities.Shifted(value, 9).Length, 0, Math.Max(24, value.Length));
            _ = FileCapabilities.Unshifted(value, 9);
        });

    [Fact]
    public void Accounts_that_are_anything_make_nobody_more_than_a_container_has() => Fuzz.Run(
        Gen.Select(Mutated.Bytes("root:x:0:0:root:/root:/bin/sh\nwww:x:33:33:www:/var/www:/bin/false\n"), Mutated.Bytes("root:x:0:\nstaff:x:50:www,root\n"), Mutated.Text("www", "33:staff", "1000", ":50")),
        input => Refused(() =>
        {
            ImageUser user = UserLookup.Find(path => path.EndsWith("passwd", StringComparison.Ordinal) ? input.Item1 : input.Item2, input.Item3);
            Assert.All([user.Uid, user.Gid, .. user.AdditionalGids], id => Assert.InRange(id, 0u, UserLookup.IdCount - 1));
            Assert.StartsWith("/", user.Home, StringComparison.Ordinal);
            Assert.DoesNotContain(user.Home, char.IsControl);
        }));

    /// <summary>What is understood is written and read as the same.</summary>
    /// <param name="use">Tells whether it is one that is written at all.</param>
    private static void Understand<T>(byte[] json, JsonTypeInfo<T> type, Func<T, bool> use)
        where T : class => Refused(() => Fuzz.Bounded(() =>
        {
            T read = ImageJson.Read(json, type, "document");
            if (use(read))
            {
                byte[] written = JsonSerializer.SerializeToUtf8Bytes(read, type);
                Assert.Equal(written, JsonSerializer.SerializeToUtf8Bytes(ImageJson.Read(written, type, "document"), type));
            }
        }));

    private static void Refused(Action read)
    {
        try
        {
            read();
        }
        catch (QuiltException e)
        {
            Assert.Equal(ErrorCode.InvalidArgument, e.Code);
            Assert.NotNull(e.Remedy);
            Assert.DoesNotContain(e.Message, char.IsControl);
        }
    }
}
