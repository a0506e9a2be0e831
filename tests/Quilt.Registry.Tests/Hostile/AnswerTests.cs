using System.Text;
using CsCheck;
using Quilt.Core;
using Quilt.Credentials;
using Quilt.Fuzzing;
using Quilt.Images;
using Quilt.Testing;

namespace Quilt.Registry.Tests.Hostile;

/// <summary>What registries answer, and what files say of them.</summary>
public sealed class AnswerTests
{
    private const string Manifests = """{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef","size":5,"platform":{"os":"linux","architecture":"amd64"}}]}""";

    [Fact]
    public void A_manifest_that_is_anything_is_known_for_what_it_is_or_refused() => Fuzz.Run(
        Gen.Select(MutatedJson.Of(Manifests, """{"schemaVersion":2,"config":{},"layers":[]}""", """{"schemaVersion":1}"""), Gen.Int[0, 3]),
        input => Refused(() => Fuzz.Bounded(() =>
        {
            FetchedManifest fetched = FetchedManifest.Of(input.Item1, ((string?[])[null, MediaTypes.Index, MediaTypes.DockerManifest, "text/html\u001b"])[input.Item2], "image");
            if (fetched.IsIndex)
            {
                _ = PlatformSelection.Choose(fetched.Entries("image"), PlatformName.Machine);
            }
        })));

    [Fact]
    public void A_challenge_damaged_anywhere_is_read_to_an_end() => Fuzz.Run(
        Mutated.Text("Bearer realm=\"https://auth.example.com/token\",service=\"s\",scope=\"repository:a/b:pull\", Basic realm=\"a \\\"b\\\"\"", "Negotiate YWJj==, Basic realm=r"),
        text => Fuzz.Bounded(() =>
        {
            Assert.InRange(ChallengeParser.Parse(text).Count, 0, 16);
            _ = Challenge.Choose([text, text]);
        }));

    [Fact]
    public void The_registries_file_that_is_anything_is_read_or_refused() => Fuzz.Run(
        MutatedJson.Of("""{"registries":{"docker.io":{"mirrors":["https://m.example.com","cache:5000/hub/"],"insecure":true,"caFile":"/ca.pem","credentials":{"username":"ci","passwordFile":"/s"}}}}"""),
        json => Refused(() => Fuzz.Bounded(() => _ = RegistryOptions.Parse(json).For("docker.io"))));

    [Fact]
    public void Dockers_file_that_is_anything_is_read_or_refused_without_its_secrets()
    {
        using TemporaryFolder folder = new();
        string auth = Convert.ToBase64String("user:hunter2"u8);
        Fuzz.Run(MutatedJson.Of($$$"""{"auths":{"https://a.example.com/v1/":{"auth":"{{{auth}}}"},"a.example.com":{"username":"u","password":"hunter2","identitytoken":"hunter2"}},"credHelpers":{"b.example.com":"none"},"credsStore":""}"""), json =>
        {
            File.WriteAllBytes(folder["config.json"], json);
            Refused(() => _ = DockerConfig.Open(folder.Path).FindAsync("a.example.com", CancellationToken.None).GetAwaiter().GetResult(), ErrorCode.FailedPrecondition);
        }, iterations: 500);
    }

    private static void Refused(Action read, params ErrorCode[] also)
    {
        try
        {
            read();
        }
        catch (QuiltException e)
        {
            Assert.Contains(e.Code, (ErrorCode[])[ErrorCode.InvalidArgument, ErrorCode.Unimplemented, .. also]);
            Assert.NotNull(e.Remedy);
            Assert.DoesNotContain(e.Message, char.IsControl);
            Assert.DoesNotContain("hunter2", e.Message, StringComparison.Ordinal);
        }
    }
}
