using System.Net;
using Microsoft.AspNetCore.Http;
using Quilt.Core;
using Quilt.Credentials;
using Quilt.Images;
using Quilt.Registry.Tests.Servers;

namespace Quilt.Registry.Tests.Authorization;

public sealed class AuthorizationTests
{
    private const string User = TokenIssuer.User, Password = TokenIssuer.Password, Wrong = "wr0ng-pass";
    private static readonly RegistryCredential Writer = new() { Username = User, Secret = Password };
    private static readonly RegistryCredential Stranger = new() { Username = User, Secret = Wrong };

    [Fact]
    public async Task With_a_password_one_may_push_and_pull_and_without_neither()
    {
        await using DockerRegistry registry = await DockerRegistry.StartBasic();
        using World there = new(), here = new();
        string name = $"{registry.Address}/test/app:1";
        StoredImage image = await there.Publish(registry.Address, credential: Writer);

        Assert.Equal(image.Digest, (await here.Pull(name, Writer)).Image.Digest);
        foreach (RegistryCredential? credential in new[] { null, Stranger })
        {
            Assert.Equal(ErrorCode.PermissionDenied, (await World.Fails(() => here.Pull(name, credential), Password, Wrong)).Code);
            Assert.Equal(ErrorCode.PermissionDenied, (await World.Fails(() => there.Push(name, name, credential), Password, Wrong)).Code);
        }
    }

    [Fact]
    public async Task A_password_that_the_operator_configured_is_used_and_read_anew()
    {
        await using DockerRegistry registry = await DockerRegistry.StartBasic();
        using TemporaryFolder folder = new();
        await File.WriteAllTextAsync(folder["password"], Wrong + "\n", World.Cancellation);
        RegistryOptions options = new() { Registries = new Dictionary<string, RegistrySettings> { [registry.Address] = new() { Credentials = new RegistryLogin { Username = User, PasswordFile = folder["password"] } } } };
        using World there = new(), here = new(options);
        StoredImage image = await there.Publish(registry.Address, credential: Writer);
        await World.Fails(() => here.Pull($"{registry.Address}/test/app:1"), Wrong);

        await File.WriteAllTextAsync(folder["password"], Password + "\n", World.Cancellation);

        Assert.Equal(image.Digest, (await here.Pull($"{registry.Address}/test/app:1")).Image.Digest);
    }

    [Fact]
    public async Task A_login_is_checked()
    {
        await using DockerRegistry basic = await DockerRegistry.StartBasic();
        await using TokenIssuer tokens = await TokenIssuer.Start();
        await using DockerRegistry registry = await tokens.StartRegistry();
        using World world = new();
        foreach (string address in new[] { basic.Address, registry.Address })
        {
            await world.Client.CheckLoginAsync(address, Writer, World.Cancellation);
            Assert.Equal(ErrorCode.PermissionDenied, (await World.Fails(() => world.Client.CheckLoginAsync(address, Stranger, World.Cancellation), Wrong)).Code);
        }

        Assert.Equal("registry", (await World.Fails(() => world.Client.CheckLoginAsync("no registry", Writer, World.Cancellation))).Field);
    }

    [Fact]
    public async Task Tokens_are_fetched_for_what_is_done_and_used_for_all_of_it()
    {
        await using TokenIssuer tokens = await TokenIssuer.Start();
        await using DockerRegistry registry = await tokens.StartRegistry();
        using World there = new(), here = new();
        StoredImage image = await there.Publish(registry.Address, credential: Writer);
        int pushing = tokens.Issued;

        Assert.Equal(image.Digest, (await here.Pull($"{registry.Address}/test/app:1")).Image.Digest);

        Assert.Equal(1, pushing);
        Assert.Equal(2, tokens.Issued);
        Assert.Contains(tokens.Server.Seen, r => Uri.UnescapeDataString(r.Path).Contains("scope=repository:test/app:pull,push", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Callers_with_other_credentials_get_other_tokens()
    {
        await using TokenIssuer tokens = await TokenIssuer.Start();
        tokens.IsPublic = false;
        await using DockerRegistry registry = await tokens.StartRegistry();
        using World there = new(), here = new();
        string name = $"{registry.Address}/test/app:1";
        await there.Publish(registry.Address, credential: Writer);
        await here.Pull(name, Writer);

        Assert.Equal(ErrorCode.PermissionDenied, (await World.Fails(() => here.Pull(name))).Code);
        Assert.Equal(ErrorCode.PermissionDenied, (await World.Fails(() => here.Pull(name, Stranger), Wrong, Password)).Code);
        await here.Pull(name, Writer);
    }

    [Fact]
    public async Task An_identity_token_is_exchanged()
    {
        await using TokenIssuer tokens = await TokenIssuer.Start();
        await using DockerRegistry registry = await tokens.StartRegistry();
        using World world = new();
        RegistryCredential identity = new() { Username = "", Secret = TokenIssuer.IdentityToken, IsIdentityToken = true };

        await world.Publish(registry.Address, credential: identity);

        Assert.Contains(tokens.Server.Seen, r => r is { Method: "POST", Path: "/token" });
        Assert.Equal(ErrorCode.PermissionDenied, (await World.Fails(
            () => world.Push($"{registry.Address}/test/app:1", $"{registry.Address}/test/other:1", identity with { Secret = "another-one" }), "another-one")).Code);
    }

    [Fact]
    public async Task A_token_that_the_registry_no_longer_takes_is_exchanged_in_the_midst()
    {
        await using TokenIssuer tokens = await TokenIssuer.Start();
        await using DockerRegistry registry = await tokens.StartRegistry();
        using World there = new();
        string? revoked = null;
        await using FaultProxy proxy = await FaultProxy.Start(registry.Address, async (context, pass) =>
        {
            // The token that the manifest was got with is good for no blob.
            string token = context.Request.Headers.Authorization.ToString();
            if (pass.IsBlob && token == (Interlocked.CompareExchange(ref revoked, token, null) ?? token))
            {
                context.Request.Headers.Authorization = "Bearer over";
            }

            await pass.Through();
        });
        StoredImage image = await there.Publish(registry.Address, credential: Writer);
        using World here = new(policy: World.Impatient);

        PulledImage pulled = await here.Pull($"{proxy.Address}/test/app:1");

        Assert.Equal(image.Digest, pulled.Image.Digest);
        Assert.Equal(3, tokens.Issued); // to push, for the manifest, for the blobs
    }

    [Fact]
    public async Task Tokens_that_are_always_over_end_in_a_refusal()
    {
        await using TokenIssuer tokens = await TokenIssuer.Start();
        await using DockerRegistry registry = await tokens.StartRegistry();
        tokens.IssuesExpired = true;
        using World world = new();

        Assert.Equal(ErrorCode.PermissionDenied, (await World.Fails(() => world.Pull($"{registry.Address}/test/app:1"))).Code);
        Assert.InRange(tokens.Issued, 1, 3);
    }

    [Fact]
    public async Task A_token_is_fetched_again_before_it_ends()
    {
        ManualTime time = new();
        await using TokenIssuer tokens = await TokenIssuer.Start();
        tokens.Seconds = 100;
        await using DockerRegistry registry = await tokens.StartRegistry();
        using RegistryClient client = new(new RegistryOptions { Transfers = World.Impatient }, time);
        ImageReference name = ImageReference.Parse($"{registry.Address}/test/none:1");

        await World.Fails(() => client.ResolveAsync(name, null, World.Cancellation));
        time.Advance(TimeSpan.FromSeconds(80));
        await World.Fails(() => client.ResolveAsync(name, null, World.Cancellation));
        Assert.Equal(1, tokens.Issued);
        time.Advance(TimeSpan.FromSeconds(15));
        await World.Fails(() => client.ResolveAsync(name, null, World.Cancellation));

        Assert.Equal(2, tokens.Issued);
    }

    [Fact]
    public async Task Who_is_redirected_to_another_host_takes_no_credentials_along()
    {
        await using DockerRegistry registry = await DockerRegistry.StartBasic();
        await using FaultProxy elsewhere = await FaultProxy.Start(registry.Address, async (context, pass) =>
        {
            context.Request.Headers.Authorization = Authorizer.BasicOf(Writer).ToString(); // as if its address said who may
            await pass.Through();
        });
        await using FaultProxy proxy = await FaultProxy.Start(registry.Address, async (context, pass) =>
        {
            if (pass.IsBlob)
            {
                context.Response.Redirect($"http://{elsewhere.Address}{context.Request.Path}", permanent: false, preserveMethod: true);
                return;
            }

            await pass.Through();
        });
        using World there = new(), here = new();
        StoredImage image = await there.Publish(registry.Address, credential: Writer);

        Assert.Equal(image.Digest, (await here.Pull($"{proxy.Address}/test/app:1", Writer)).Image.Digest);

        Assert.NotEmpty(elsewhere.Seen);
        Assert.All(elsewhere.Seen, r => Assert.Equal("", r.Authorization));
        Assert.Contains(proxy.Seen, r => r.Authorization.Length > 0);
    }

    /// <summary>It is the registry's answer that says where the bytes of a blob go.</summary>
    [Fact]
    public async Task Who_is_told_to_upload_elsewhere_takes_no_credentials_along_and_goes_nowhere_inside()
    {
        IPAddress address = Machine.Address;
        await using WebServer inside = await WebServer.Start(context => context.Response.StatusCode = 201);
        await using WebServer elsewhere = await WebServer.Start(context => context.Response.StatusCode = 201, address);
        await using WebServer luring = await Uploading(inside.Address), honest = await Uploading(elsewhere.Address);
        using World world = new(Insecure(luring.Address, honest.Address));
        await TestImage.Make(world.Store, "a.invalid/a:1", layerBytes: [100]);

        await world.Push("a.invalid/a:1", $"{honest.Address}/a:1", Writer);
        Assert.Equal(ErrorCode.PermissionDenied, (await World.Fails(() => world.Push("a.invalid/a:1", $"{luring.Address}/a:1", Writer), Password)).Code);

        Assert.Empty(inside.Seen);
        Assert.NotEmpty(elsewhere.Seen);
        Assert.All(elsewhere.Seen, r => Assert.Equal("", r.Authorization));
        Assert.Contains(honest.Seen, r => r.Authorization.Length > 0);

        Task<WebServer> Uploading(string place) => WebServer.Start(
            context =>
            {
                if (context.Request.Headers.Authorization.Count == 0)
                {
                    context.Response.StatusCode = 401;
                    context.Response.Headers.WWWAuthenticate = "Basic realm=\"r\"";
                    return;
                }

                context.Response.StatusCode = context.Request.Method switch { "HEAD" => 404, "POST" => 202, _ => 201 };
                context.Response.Headers.Location = $"http://{place}/upload";
            },
            address);
    }

    [Fact]
    public async Task Credentials_for_a_registry_are_not_shown_to_its_mirror()
    {
        await using DockerRegistry registry = await DockerRegistry.StartBasic();
        await using WebServer mirror = await WebServer.Start(context =>
        {
            context.Response.StatusCode = 401;
            context.Response.Headers.WWWAuthenticate = "Basic realm=\"mirror\"";
        });
        using World there = new(), here = new(new RegistryOptions { Registries = new Dictionary<string, RegistrySettings> { [registry.Address] = new() { Mirrors = [mirror.Address] } } });
        StoredImage image = await there.Publish(registry.Address, credential: Writer);

        Assert.Equal(image.Digest, (await here.Pull($"{registry.Address}/test/app:1", Writer)).Image.Digest);

        Assert.NotEmpty(mirror.Seen);
        Assert.All(mirror.Seen, r => Assert.Equal("", r.Authorization));
    }

    [Theory]
    [InlineData("http://169.254.169.254/token")]
    [InlineData("http://10.255.255.1:1/token")]
    [InlineData("http://[fe80::1]/token")]
    [InlineData("http://[::ffff:169.254.169.254]/token")]
    public async Task A_token_server_inside_is_not_gone_to_where_the_registry_is_not_there_itself(string realm)
    {
        await using WebServer registry = await Asking($"Bearer realm=\"{realm}\",service=\"s\"");
        using World world = new();
        QuiltException e = await World.Fails(() => world.Pull($"{registry.Address}/a:1", Writer), Password);
        Assert.Equal(ErrorCode.PermissionDenied, e.Code);
        Assert.Contains("not public", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("localhost")]
    [InlineData("0.0.0.0")]
    public async Task A_registry_that_is_elsewhere_cannot_make_its_client_speak_with_this_host(string name)
    {
        IPAddress address = Machine.Address;
        await using WebServer inside = await WebServer.Start(_ => { });
        string port = inside.Address.Split(':')[1];
        await using WebServer registry = await Asking($"Bearer realm=\"http://{name}:{port}/token\",service=\"s\"", address);
        await using WebServer redirecting = await WebServer.Start(context => context.Response.Redirect($"http://{name}:{port}/v2/"), address);
        using World world = new(Insecure(registry.Address, redirecting.Address));

        Assert.Equal(ErrorCode.PermissionDenied, (await World.Fails(() => world.Pull($"{registry.Address}/a:1"))).Code);
        Assert.Equal(ErrorCode.PermissionDenied, (await World.Fails(() => world.Pull($"{redirecting.Address}/a:1"))).Code);
        Assert.Empty(inside.Seen);
    }

    [Fact]
    public async Task Who_redirects_for_ever_is_left()
    {
        await using WebServer registry = await WebServer.Start(context => context.Response.Redirect(context.Request.Path));
        using World world = new();
        Assert.Contains("redirects", (await World.Fails(() => world.Pull($"{registry.Address}/a:1"))).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{}""")]
    [InlineData("""not json s3cret""")]
    [InlineData("""{"token":"with\nnewline s3cret"}""")]
    [InlineData("""{"token":7,"x":"s3cret"}""")]
    public async Task A_token_server_that_gives_no_token_is_told_of_without_what_it_gave(string answer)
    {
        await using WebServer tokens = await WebServer.Start(context => context.Response.WriteAsync(answer));
        await using WebServer registry = await Asking($"Bearer realm=\"http://{tokens.Address}/token\"");
        using World world = new();
        Assert.Equal(ErrorCode.Unavailable, (await World.Fails(() => world.Pull($"{registry.Address}/a:1"), "s3cret")).Code);
    }

    [Fact]
    public async Task A_registry_that_repeats_a_secret_is_not_quoted()
    {
        await using WebServer registry = await WebServer.Start(async context =>
        {
            context.Response.StatusCode = context.Request.Headers.Authorization.Count == 0 ? 401 : 403;
            context.Response.Headers.WWWAuthenticate = "Basic realm=\"r\"";
            await context.Response.WriteAsync($$"""{"errors":[{"code":"DENIED","message":"{{Password}} is not good, nor {{context.Request.Headers.Authorization}}"}]}""");
        });
        using World world = new();
        await World.Fails(() => world.Pull($"{registry.Address}/a:1", Writer), Password, Authorizer.BasicOf(Writer).Parameter!);
    }

    private static Task<WebServer> Asking(string challenge, IPAddress? at = null) => WebServer.Start(context =>
    {
        context.Response.StatusCode = 401;
        context.Response.Headers.WWWAuthenticate = challenge;
    }, at);

    private static RegistryOptions Insecure(params string[] registries) =>
        new() { Registries = registries.ToDictionary(r => r, _ => new RegistrySettings { Insecure = true }) };

    /// <summary>A clock that goes when it is told to; nothing here waits by it.</summary>
    private sealed class ManualTime : TimeProvider
    {
        private long _ticks;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => Interlocked.Read(ref _ticks);

        public void Advance(TimeSpan by) => Interlocked.Add(ref _ticks, by.Ticks);
    }
}
