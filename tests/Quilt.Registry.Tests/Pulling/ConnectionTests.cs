using System.Net;
using Quilt.Core;
using Quilt.Images;
using Quilt.Registry.Tests.Servers;

namespace Quilt.Registry.Tests.Pulling;

/// <summary>Which servers are spoken to, and how; and why not.</summary>
public sealed class ConnectionTests
{
    [Fact]
    public async Task A_registry_whose_authority_the_operator_named_is_trusted()
    {
        using Certificates certificates = new();
        IPAddress address = Machine.Address;
        await using DockerRegistry registry = await DockerRegistry.Start(address, certificates.TlsFor(address.ToString()));
        using World there = new(Settings(registry.Address, new RegistrySettings { CaFile = certificates.AuthorityFile }));
        using World stranger = new(), insecure = new(Settings(registry.Address, new RegistrySettings { Insecure = true }));
        StoredImage image = await there.Publish(registry.Address);

        Assert.Equal(image.Digest, (await insecure.Pull($"{registry.Address}/test/app:1")).Image.Digest);
        QuiltException e = await World.Fails(() => stranger.Pull($"{registry.Address}/test/app:1"));
        Assert.Equal(ErrorCode.FailedPrecondition, e.Code);
        Assert.Contains("not trusted", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_certificate_for_another_name_is_refused_although_its_authority_is_trusted()
    {
        using Certificates certificates = new();
        IPAddress address = Machine.Address;
        await using DockerRegistry registry = await DockerRegistry.Start(address, certificates.TlsFor("registry.example.com"));
        using World world = new(Settings(registry.Address, new RegistrySettings { CaFile = certificates.AuthorityFile }));
        Assert.Contains("another name", (await World.Fails(() => world.Pull($"{registry.Address}/a:1"))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_certificate_that_is_over_is_refused()
    {
        using Certificates certificates = new();
        IPAddress address = Machine.Address;
        await using DockerRegistry registry = await DockerRegistry.Start(address, certificates.TlsFor(address.ToString(), DateTimeOffset.UtcNow.AddMinutes(-1)));
        using World world = new(Settings(registry.Address, new RegistrySettings { CaFile = certificates.AuthorityFile }));
        Assert.Contains("NotTimeValid", (await World.Fails(() => world.Pull($"{registry.Address}/a:1"))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_registry_on_the_loopback_may_speak_TLS_that_nobody_vouches_for()
    {
        using Certificates certificates = new();
        await using DockerRegistry registry = await DockerRegistry.Start(http: certificates.TlsFor("127.0.0.1"));
        using World world = new();
        StoredImage image = await world.Publish(registry.Address);
        Assert.Equal(image.Digest, (await world.Pull($"{registry.Address}/test/app:1")).Image.Digest);
    }

    [Fact]
    public async Task Plain_HTTP_is_spoken_where_the_operator_said_so_and_nowhere_else_but_on_the_loopback()
    {
        IPAddress address = Machine.Address;
        await using DockerRegistry registry = await DockerRegistry.Start(address);
        using World insecure = new(Settings(registry.Address, new RegistrySettings { Insecure = true })), strict = new();
        StoredImage image = await insecure.Publish(registry.Address);

        Assert.Equal(image.Digest, (await insecure.Pull($"{registry.Address}/test/app:1")).Image.Digest);
        QuiltException e = await World.Fails(() => strict.Pull($"{registry.Address}/test/app:1"));
        Assert.Equal(ErrorCode.FailedPrecondition, e.Code);
        Assert.Contains("insecure", e.Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_encrypted_registry_cannot_send_its_client_where_nothing_is_encrypted()
    {
        RegistryHost host = new("registry.example.com", null, new RegistrySettings(), new TransferPolicy());
        using (host)
        {
            Uri own = await host.AddressAsync(World.Cancellation);
            Assert.Equal("https://cdn.example.com/x", host.Follow(own, new Uri("https://cdn.example.com/x")).ToString());
            Assert.Equal("https://registry.example.com/y", host.Follow(own, new Uri("/y", UriKind.Relative)).ToString());
            foreach (string bad in new[] { "http://cdn.example.com/x", "file:///etc/passwd", "ftp://a/b", "https://user:secret@cdn.example.com/x" })
            {
                await World.Fails(() => Task.FromResult(host.Follow(own, new Uri(bad))), "secret");
            }
        }
    }

    [Theory]
    [InlineData("registry.invalid/a:1", "DNS")]
    [InlineData("127.0.0.1:1/a:1", "refused")]
    public async Task A_registry_that_cannot_be_reached_is_told_with_the_reason(string name, string reason)
    {
        using World world = new();
        QuiltException e = await World.Fails(() => world.Pull(name));
        Assert.Equal(ErrorCode.Unavailable, e.Code);
        Assert.Contains(reason, e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("127.0.0.1:99999/a:1")]
    [InlineData("[:::::::::]:5000/a:1")]
    public async Task What_reads_like_a_registry_and_is_no_address_is_refused(string name)
    {
        using World world = new();
        QuiltException e = await World.Fails(() => world.Pull(name));
        Assert.Equal((ErrorCode.InvalidArgument, "image"), (e.Code, e.Field));
    }

    [Fact]
    public async Task A_caFile_without_certificates_is_told_without_its_path()
    {
        using World world = new(Settings("registry.invalid", new RegistrySettings { CaFile = "/nonexistent/ca.pem" }));
        Assert.Equal(ErrorCode.FailedPrecondition, (await World.Fails(() => world.Pull("registry.invalid/a:1"))).Code);
    }

    private static RegistryOptions Settings(string registry, RegistrySettings settings) =>
        new() { Registries = new Dictionary<string, RegistrySettings> { [registry] = settings } };
}
