using System.Text;
using CsCheck;
using Quilt.Core;
using Quilt.Testing;

namespace Quilt.Registry.Tests.Configuration;

public sealed class RegistryOptionsTests
{
    [Fact]
    public void All_that_the_file_may_say_is_read()
    {
        RegistryOptions options = RegistryOptions.Parse("""
            { "registries": {
                "docker.io": { "mirrors": ["https://mirror.example.com", "cache:5000/hub/"] },
                "10.0.0.5:5000": { "insecure": true },
                "registry.example.com": { "caFile": "/etc/ca.pem", "credentials": { "username": "ci", "passwordFile": "/etc/secret" } } } }
            """u8);

        Assert.Equal(["https://mirror.example.com", "cache:5000/hub/"], options.Registries["docker.io"].Mirrors);
        Assert.True(options.Registries["10.0.0.5:5000"].Insecure);
        Assert.Equal(new RegistryLogin { Username = "ci", PasswordFile = "/etc/secret" }, options.Registries["registry.example.com"].Credentials);
        Assert.Equal(new MirrorAddress(null, "cache:5000", "hub/"), MirrorAddress.Parse("cache:5000/hub/", "x"));
        Assert.Empty(RegistryOptions.Parse("{}"u8).Registries);
    }

    [Fact]
    public void What_the_manual_shows_is_taken() =>
        Assert.NotEmpty(RegistryOptions.Parse(Encoding.UTF8.GetBytes(Assert.Single(ManualBlock.Of("docs/images.md", "json")).Text)).Registries);

    [Theory]
    [InlineData("""{ "registries": { "index.docker.io": {} } }""", "index.docker.io")]
    [InlineData("""{ "registries": { "https://a.example.com": {} } }""", "https://a.example.com")]
    [InlineData("""{ "registries": { "a.example.com": { "mirrors": ["ftp://b.example.com"] } } }""", "ftp://b.example.com")]
    [InlineData("""{ "registries": { "a.example.com": { "mirrors": ["https://user:pw@b.example.com"] } } }""", "a.example.com")]
    [InlineData("""{ "registries": { "a.example.com": { "insecur": true } } }""", "insecur")]
    [InlineData("""{ "registries": { "a.example.com": { "insecure": "yes" } } }""", "insecure")]
    [InlineData("""{ "registries": { "a.example.com": { "caFile": "ca.pem" } } }""", "caFile")]
    [InlineData("""{ "registries": { "a.example.com": { "credentials": { "username": "a:b", "passwordFile": "/x" } } } }""", "a.example.com")]
    [InlineData("""{ "registries": { "a.example.com": null } }""", "a.example.com")]
    [InlineData("""{ "registries": """, "line")]
    [InlineData("null", "null")]
    public void What_is_wrong_in_it_is_told_by_its_place(string json, string says)
    {
        QuiltException e = Assert.Throws<QuiltException>(() => RegistryOptions.Parse(Encoding.UTF8.GetBytes(json)));
        Assert.Equal((ErrorCode.InvalidArgument, "registries"), (e.Code, e.Field));
        Assert.Contains(says, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Whatever_the_file_holds_it_is_read_or_refused() => Gen.OneOf(
        Gen.String,
        Gen.Select(Gen.String, Gen.String, (name, mirror) => $"{{\"registries\":{{{System.Text.Json.JsonSerializer.Serialize(name)}:{{\"mirrors\":[{System.Text.Json.JsonSerializer.Serialize(mirror)}]}}}}}}"))
        .Sample(json =>
        {
            try
            {
                _ = RegistryOptions.Parse(Encoding.UTF8.GetBytes(json));
            }
            catch (QuiltException)
            {
                // Refused.
            }
        });
}
