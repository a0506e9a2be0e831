using System.Text;
using CsCheck;
using Quilt.Core;
using Quilt.Credentials;
using Quilt.Fuzzing;
using Quilt.Images;
using Quilt.Registry.Tests.Servers;
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

    [Fact]
    public void A_token_servers_answer_that_is_anything_is_a_token_or_refused()
    {
        using RawServer server = new();
        TokenServer tokens = new(World.Impatient with { Attempts = 1, StallTimeout = TimeSpan.FromSeconds(20) }, TimeProvider.System);
        TokenKey key = new(server.Address, new Uri($"http://{server.Address}/token"), "s", "repository:a/b:pull", new RegistryCredential { Username = "u", Secret = "hunter2" });
        string[] bodies = ["""{"token":"hunter2","access_token":"hunter2","expires_in":300,"issued_at":"2026-01-02T03:04:05Z"}""", """{"access_token":"hunter2","refresh_token":"x","expires_in":0.5}"""];
        Fuzz.Run(Gen.OneOf(MutatedJson.Of(bodies).Select(Answer), Mutated.Bytes([.. bodies.Select(b => Answer(Encoding.UTF8.GetBytes(b))), Refusal, Chunked])), answer =>
        {
            server.Answer = answer;
            using RegistryHost host = new(server.Address, "http", new RegistrySettings(), World.Impatient);
            Refused(() =>
            {
                RegistryToken token = tokens.FetchAsync(host, key, World.Cancellation).GetAwaiter().GetResult();
                Assert.NotEmpty(token.Value);
                Assert.All(token.Value, c => Assert.InRange(c, '!', '~'));
                Assert.InRange(token.RenewAt, 0, long.MaxValue);
            }, ErrorCode.Unavailable, ErrorCode.PermissionDenied, ErrorCode.NotFound, ErrorCode.ResourceExhausted, ErrorCode.DeadlineExceeded, ErrorCode.FailedPrecondition);
        }, iterations: 500);
    }

    private static byte[] Refusal { get; } = Encoding.UTF8.GetBytes("HTTP/1.1 401 Unauthorized\r\nContent-Type: application/json\r\nContent-Length: 52\r\n\r\n{\"errors\":[{\"code\":\"DENIED\",\"message\":\"no: hunter\"}]}");

    private static byte[] Chunked { get; } = Encoding.UTF8.GetBytes("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X\r\n\r\nb\r\n{\"token\":\"a\r\n2\r\n\"}\r\n0\r\nX: y\r\n\r\n");

    private static byte[] Answer(byte[] body) => [.. Encoding.ASCII.GetBytes($"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {body.Length}\r\n\r\n"), .. body];

    [Fact]
    public async Task A_credential_helpers_answer_that_is_anything_is_a_credential_or_refused_without_its_secret()
    {
        using HelperProgram program = new("anything", "#!/bin/sh\nread server\nwhile IFS= read -r line; do printf '%s\\n' \"$line\"; done <\"$0.answer\"\nprintf %s \"$line\"\nread code <\"$0.code\"\nexit $code\n");
        CredentialHelper helper = CredentialHelper.Find(program.Name);
        Fuzz.Run(
            Gen.Select(MutatedJson.Of("""{"ServerURL":"https://a.example.com","Username":"u","Secret":"hunter2"}""", """{"Username":"<token>","Secret":"hunter2"}""", "\"credentials not found in native keychain\""), Gen.Int[0, 4].Select(n => n switch { 3 => 1, 4 => 255, _ => 0 })),
            input =>
            {
                File.WriteAllBytes(program.Path + ".answer", input.Item1);
                File.WriteAllText(program.Path + ".code", $"{input.Item2}\n");
                if (input.Item2 != 0 && !Encoding.UTF8.GetString(input.Item1).Contains("Secret", StringComparison.Ordinal))
                {
                    return; // the words of a failure, in which nothing tells a secret from them
                }

                Refused(() =>
                {
                    RegistryCredential? found = helper.GetAsync("a.example.com", World.Cancellation).GetAwaiter().GetResult();
                    Assert.True(found is null || (input.Item2 == 0 && found.Secret.Length > 0));
                    Assert.DoesNotContain("hunter2", $"{found}", StringComparison.Ordinal);
                }, ErrorCode.FailedPrecondition);
            },
            iterations: 200);
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
