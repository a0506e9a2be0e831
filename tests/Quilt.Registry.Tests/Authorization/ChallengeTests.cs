using CsCheck;

namespace Quilt.Registry.Tests.Authorization;

public sealed class ChallengeTests
{
    [Theory]
    [InlineData("""Bearer realm="https://auth.docker.io/token",service="registry.docker.io",scope="repository:a/b:pull,push" """, "bearer", "https://auth.docker.io/token", "registry.docker.io", "repository:a/b:pull,push")]
    [InlineData("""bEaReR  Realm = "https://a/t" ,  SERVICE=s""", "bearer", "https://a/t", "s", null)]
    [InlineData("""Bearer realm=https://a/t?x,service=s""", "bearer", "https://a/t?x", "s", null)]
    [InlineData("""Basic realm="a \"quoted\" one" """, "basic", "a \"quoted\" one", null, null)]
    [InlineData("""Basic realm="r", Bearer realm="https://a/t",service="s", Digest realm="d" """, "bearer", "https://a/t", "s", null)]
    [InlineData("""Negotiate, Basic realm="r" """, "basic", "r", null, null)]
    [InlineData("""Negotiate YWJj==, Basic realm="r" """, "basic", "r", null, null)]
    [InlineData("""Bearer service="no realm", Basic""", "basic", null, null, null)]
    [InlineData("""Bearer realm="first",realm="second" """, "bearer", "first", null, null)]
    public void The_challenge_that_can_be_met_is_found(string header, string scheme, string? realm, string? service, string? scope)
    {
        Challenge? challenge = Challenge.Choose([header]);
        Assert.NotNull(challenge);
        Assert.Equal((scheme, realm, service, scope), (challenge.Scheme, challenge.Realm, challenge.Service, challenge.Scope));
    }

    [Theory]
    [InlineData("")]
    [InlineData("Negotiate")]
    [InlineData("Bearer")]
    [InlineData("=,=,\"")]
    public void What_cannot_be_met_is_none(string header) => Assert.Null(Challenge.Choose([header]));

    [Fact]
    public void Several_headers_are_one_list() =>
        Assert.Equal("bearer", Challenge.Choose(["Basic realm=\"r\"", "Bearer realm=\"https://a/t\""])!.Scheme);

    [Fact]
    public void What_was_written_is_read() => Gen.Dictionary(Gen.String[Gen.Char.AlphaNumeric, 1, 10].Select(s => "p" + s.ToLowerInvariant()), Gen.String)[0, 5].Sample(parameters =>
    {
        string header = "Some " + string.Join(", ", parameters.Select(p => $"{p.Key}=\"{p.Value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\""));
        Challenge read = Assert.Single(ChallengeParser.Parse(header));
        Assert.Equal("some", read.Scheme);
        Assert.Equal(parameters.OrderBy(p => p.Key), read.Parameters.OrderBy(p => p.Key));
    });

    [Fact]
    public void Whatever_a_registry_writes_is_read_to_an_end() => Gen.String[Gen.OneOf(Gen.Char["=,\" \\\tBearer"], Gen.Char), 0, 200].Sample(header =>
        Assert.InRange(ChallengeParser.Parse(header).Count, 0, 16));
}
