using System.Text;
using System.Text.Json.Nodes;
using CsCheck;
using Quilt.Core;
using Quilt.Credentials;
using Quilt.Registry.Tests.Servers;

namespace Quilt.Registry.Tests.Credentials;

public sealed class DockerConfigTests : IDisposable
{
    private static readonly RegistryCredential Somebody = new() { Username = "somebody", Secret = "s3cret:with:colons" };
    private static readonly string[] Keys = ["auths", "credHelpers", "credsStore"];
    private static readonly string[] Values = ["null", "7", "\"\"", "[]", "{\"a.example.com\":null}", "{\"a.example.com\":7}", "{\"a.example.com\":{\"auth\":7}}", "{\"a.example.com\":\"\"}"];
    private readonly TemporaryFolder _folder = new();

    private DockerConfig Config => DockerConfig.Open(_folder.Path);

    [Theory]
    [InlineData("registry.example.com:5000", "registry.example.com:5000")]
    [InlineData("https://registry.example.com:5000", "registry.example.com:5000")]
    [InlineData("https://registry.example.com:5000/v1/", "registry.example.com:5000")]
    [InlineData("https://index.docker.io/v1/", "docker.io")]
    [InlineData("docker.io", "docker.io")]
    public async Task A_password_is_found_under_each_key_that_means_the_registry(string key, string registry)
    {
        Write($"{{\"auths\":{Entry(key)}}}");
        Assert.Equal(Somebody, await Config.FindAsync(registry, World.Cancellation));
        Assert.Null(await Config.FindAsync("other.example.com", World.Cancellation));
    }

    [Theory]
    [InlineData("docker.io")]
    [InlineData("index.docker.io")]
    [InlineData("registry-1.docker.io")]
    [InlineData("https://index.docker.io/v1/")]
    public async Task Docker_Hub_has_several_names_and_is_one(string name)
    {
        await Config.SaveAsync(name, Somebody, World.Cancellation);
        Assert.Contains("\"https://index.docker.io/v1/\"", await File.ReadAllTextAsync(_folder["config.json"], World.Cancellation), StringComparison.Ordinal);
        Assert.Equal(Somebody, await Config.FindAsync("docker.io", World.Cancellation));
        Assert.Equal(Somebody, await Config.FindAsync(name, World.Cancellation));
        Assert.True(await Config.RemoveAsync(name, World.Cancellation));
        Assert.Null(await Config.FindAsync("docker.io", World.Cancellation));
    }

    [Fact]
    public async Task An_identity_token_is_one()
    {
        Write("""{"auths":{"a.example.com":{"auth":"c29tZWJvZHk6","identitytoken":"t0ken"}}}""");
        RegistryCredential? found = await Config.FindAsync("a.example.com", World.Cancellation);
        Assert.Equal((true, "t0ken"), (found!.IsIdentityToken, found.Secret));
        Assert.DoesNotContain("t0ken", found.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_was_saved_is_found_by_others_and_everything_else_in_the_file_stays()
    {
        Write("""{"psFormat":"table {{.ID}}","auths":{"b.example.com":{"auth":"Yjpi"}},"HttpHeaders":{"X-A":"<ü>"}}""");
        await Config.SaveAsync("docker.io", Somebody, World.Cancellation);

        JsonObject written = JsonNode.Parse(await File.ReadAllTextAsync(_folder["config.json"], World.Cancellation))!.AsObject();
        Assert.Equal(Base64("somebody:s3cret:with:colons"), (string?)written["auths"]!["https://index.docker.io/v1/"]!["auth"]);
        Assert.Equal("Yjpi", (string?)written["auths"]!["b.example.com"]!["auth"]);
        Assert.Equal("table {{.ID}}", (string?)written["psFormat"]);
        Assert.Equal("<ü>", (string?)written["HttpHeaders"]!["X-A"]);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(_folder["config.json"]));
        Assert.Equal(["config.json"], Directory.GetFileSystemEntries(_folder.Path).Select(Path.GetFileName));
        Assert.Equal(Somebody, await Config.FindAsync("docker.io", World.Cancellation));
    }

    [Fact]
    public async Task What_was_removed_is_gone_under_every_key()
    {
        Write("""{"auths":{"a.example.com":{"auth":"YTph"},"https://a.example.com/v1/":{"auth":"YTph"},"b.example.com":{"auth":"Yjpi"}}}""");
        Assert.True(await Config.RemoveAsync("a.example.com", World.Cancellation));
        Assert.False(await Config.RemoveAsync("a.example.com", World.Cancellation));
        Assert.Null(await Config.FindAsync("a.example.com", World.Cancellation));
        Assert.NotNull(await Config.FindAsync("b.example.com", World.Cancellation));
    }

    [Fact]
    public async Task A_file_that_is_a_link_stays_one()
    {
        File.WriteAllText(_folder["real.json"], "{}");
        File.CreateSymbolicLink(_folder["config.json"], "real.json");
        await Config.SaveAsync("a.example.com", Somebody, World.Cancellation);
        Assert.NotNull(new FileInfo(_folder["config.json"]).LinkTarget);
        Assert.Contains("a.example.com", await File.ReadAllTextAsync(_folder["real.json"], World.Cancellation), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_folder_that_is_missing_is_made_when_something_is_to_be_kept()
    {
        DockerConfig config = DockerConfig.Open(_folder["new/.docker"]);
        Assert.Null(await config.FindAsync("a.example.com", World.Cancellation));
        Assert.False(await config.RemoveAsync("a.example.com", World.Cancellation));
        Assert.False(Directory.Exists(_folder["new"]));
        await config.SaveAsync("a.example.com", Somebody, World.Cancellation);
        Assert.Equal(Somebody, await config.FindAsync("a.example.com", World.Cancellation));
    }

    [Theory]
    [InlineData("s3cret")]
    [InlineData("""{"auths":{"a.example.com":{"auth":"s3cret"}}}""")]
    [InlineData("""{"auths":{"a.example.com":{"auth":"czNjcmV0"}}}""")]
    [InlineData("""{"auths":{"a.example.com":{}},"auths":{}}""")]
    [InlineData("""["s3cret"]""")]
    [InlineData("""{"credHelpers":{"a.example.com":"../s3cret"}}""")]
    public async Task A_file_that_cannot_be_used_is_told_without_its_secrets(string content)
    {
        Write(content);
        Assert.Equal(ErrorCode.InvalidArgument, (await World.Fails(() => Config.FindAsync("a.example.com", World.Cancellation), content.Contains("..", StringComparison.Ordinal) ? [] : ["s3cret"])).Code);
    }

    [Fact]
    public async Task Whatever_the_file_holds_it_is_read_or_refused() => await Gen.OneOf(
        Gen.String,
        Gen.Select(Gen.Int[0, Keys.Length - 1], Gen.Int[0, Values.Length - 1], (key, value) => $"{{\"{Keys[key]}\":{Values[value]}}}"))
        .SampleAsync(async content =>
        {
            Write(content);
            try
            {
                _ = await Config.FindAsync("a.example.com", World.Cancellation);
            }
            catch (QuiltException)
            {
                // Refused.
            }
        }, iter: 200, threads: 1);

    [Fact]
    public async Task A_helper_keeps_gives_and_forgets()
    {
        using HelperProgram helper = new("keeps", """
            #!/bin/sh
            case $1 in
              store) cat >"$0.kept" ;;
              get) read -r server; if [ -e "$0.kept" ]; then cat "$0.kept"; else echo "credentials not found in native keychain"; exit 1; fi ;;
              erase) cat >/dev/null; rm "$0.kept" ;;
            esac
            """);
        Write("""{"credHelpers":{"a.example.com":"quilt-test-keeps"}}""");

        Assert.Null(await Config.FindAsync("a.example.com", World.Cancellation));
        Assert.Equal("docker-credential-quilt-test-keeps", await Config.SaveAsync("a.example.com", Somebody, World.Cancellation));
        Assert.Equal(Somebody, await Config.FindAsync("a.example.com", World.Cancellation));
        Assert.DoesNotContain("s3cret", await File.ReadAllTextAsync(_folder["config.json"], World.Cancellation), StringComparison.Ordinal);
        Assert.True(await Config.RemoveAsync("a.example.com", World.Cancellation));
        Assert.Null(await Config.FindAsync("a.example.com", World.Cancellation));
        Assert.Null(await Config.FindAsync("b.example.com", World.Cancellation));
    }

    [Fact]
    public async Task The_common_helper_is_asked_for_all_and_tells_identity_tokens()
    {
        using HelperProgram helper = new("common", """
            #!/bin/sh
            read -r server
            case $server in
              https://index.docker.io/v1/) echo '{"ServerURL":"x","Username":"<token>","Secret":"t0ken"}' ;;
              *) echo "credentials not found in native keychain"; exit 1 ;;
            esac
            """);
        Write($"{{\"credsStore\":\"quilt-test-common\",\"auths\":{Entry("b.example.com")}}}");

        Assert.True((await Config.FindAsync("docker.io", World.Cancellation))!.IsIdentityToken);
        Assert.Equal(Somebody, await Config.FindAsync("b.example.com", World.Cancellation));
    }

    [Fact]
    public async Task A_helper_of_Docker_Hub_is_found_under_each_of_its_names()
    {
        using HelperProgram helper = new("hub", "#!/bin/sh\necho '{\"Username\":\"somebody\",\"Secret\":\"s3cret:with:colons\"}'\n");
        foreach (string name in (string[])["https://index.docker.io/v1/", "docker.io", "registry-1.docker.io", "index.docker.io"])
        {
            Write($"{{\"credHelpers\":{{\"{name}\":\"quilt-test-hub\"}}}}");
            Assert.Equal(Somebody, await Config.FindAsync("docker.io", World.Cancellation));
        }
    }

    [Theory]
    [InlineData("echo 'keychain is locked'; exit 1", "keychain is locked")]
    [InlineData("echo '{\"Secret\":\"s3cret'", "not the JSON")]
    [InlineData("head -c 2000000 /dev/zero", "characters")]
    [InlineData("echo '{\"Username\":\"u\",\"Secret\":\"s3cret\"}'; exit 1", "failed to get")]
    public async Task A_helper_that_fails_is_told_by_its_name_and_words(string script, string says)
    {
        using HelperProgram helper = new("fails", $"#!/bin/sh\n{script}\n");
        Write("""{"credsStore":"quilt-test-fails"}""");
        QuiltException e = await World.Fails(() => Config.FindAsync("a.example.com", World.Cancellation), "s3cret");
        Assert.Contains("docker-credential-quilt-test-fails", e.Message, StringComparison.Ordinal);
        Assert.Contains(says, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_helper_that_does_not_answer_is_ended()
    {
        using HelperProgram helper = new("hangs", "#!/bin/sh\necho $$ >\"$0.pid\"\nexec tail -f /dev/null\n");
        QuiltException e = await World.Fails(() => CredentialHelper.Find("quilt-test-hangs", TimeSpan.FromSeconds(1)).GetAsync("a", World.Cancellation));
        Assert.Equal(ErrorCode.DeadlineExceeded, e.Code);
        string pid = (await File.ReadAllTextAsync(helper.Path + ".pid", World.Cancellation)).Trim();
        await Deadline.Until(() => !Directory.Exists($"/proc/{pid}"));
    }

    [Fact]
    public async Task A_helper_that_is_not_there_is_told()
    {
        Write("""{"credsStore":"quilt-test-missing"}""");
        Assert.Equal(ErrorCode.FailedPrecondition, (await World.Fails(() => Config.FindAsync("a.example.com", World.Cancellation))).Code);
    }

    public void Dispose() => _folder.Dispose();

    private void Write(string content) => File.WriteAllText(_folder["config.json"], content);

    private static string Entry(string key) => $"{{\"{key}\":{{\"auth\":\"{Base64("somebody:s3cret:with:colons")}\"}}}}";

    private static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));
}
