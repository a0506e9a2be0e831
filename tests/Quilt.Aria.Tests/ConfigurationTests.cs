using System.Text.Json;
using CsCheck;
using Quilt.Cognition;
using Quilt.Core;
using Quilt.Daemon;
using Quilt.Testing;
using Xunit;

namespace Quilt.Aria.Tests;

/// <summary>Configurations as people write them.</summary>
public sealed class ConfigurationTests
{
    private static readonly Schema Config = new(SchemaWriter.Write(AriaJson.Default.AgentConfig));

    /// <summary>As a section of the file of <c>--config</c>.</summary>
    [Fact]
    public void What_the_manual_shows_of_the_language_model_is_taken()
    {
        using TemporaryFolder folder = new();
        File.WriteAllText(folder["quiltd.json"], $"{{ \"cognition\": {Assert.Single(ManualBlock.Of("docs/cognition.md", "json")).Text} }}");
        Assert.Equal(("MODEL", "http://127.0.0.1:8888"), (DaemonConfig.Read(folder["quiltd.json"]).Model?.Model, DaemonConfig.Read(folder["quiltd.json"]).Search?.Endpoint));
    }

    [Fact]
    public void A_configuration_in_yaml_says_what_the_same_in_json_says()
    {
        AgentConfig yaml = AgentConfigReader.Read(
            """
            name: builder
            grant:
              tools: {scopes: [primitive, cognitive], deny: ['remove*'], level: limited}
              limits:
                containers: 4
                memory: 2GiB
                cpus: 1.5
                ttl: 1h30m
              images: [quilt/*]
            session: {idleTimeout: 600, orphanGrace: 10s}
            systemPrompt: |
              Be brief.
            model: {provider: ollama, model: m}
            """, Config);
        AgentConfig json = AgentConfigReader.Read(JsonSerializer.Serialize(yaml, AriaJson.Default.AgentConfig), Config);
        Assert.Equal(JsonSerializer.Serialize(yaml, AriaJson.Default.AgentConfig), JsonSerializer.Serialize(json, AriaJson.Default.AgentConfig));
        Assert.Equal((4, 2L << 30, 1.5, TimeSpan.FromMinutes(90)), (yaml.Grant.Limits.Containers!.Value, yaml.Grant.Limits.Memory!.Value.Bytes, yaml.Grant.Limits.Cpus!.Value, yaml.Grant.Limits.Ttl!.Value));
        Assert.Equal((TimeSpan.FromMinutes(10), TimeSpan.FromSeconds(10), "Be brief.\n"), (yaml.Session.IdleTimeout!.Value, yaml.Session.OrphanGrace, yaml.SystemPrompt));
        Assert.Equal((SecurityLevel.Limited, ModelProvider.Ollama), (yaml.Grant.Tools.Level, yaml.Model!.Provider));
    }

    [Fact]
    public void What_is_left_out_has_its_default()
    {
        AgentConfig config = AgentConfigReader.Read("name: x", Config);
        Assert.Equal(SecurityLevel.Elevated, config.Grant.Tools.Level);
        Assert.Equal([ToolScope.Primitive], config.Grant.Tools.Scopes);
        Assert.Equal((50, TimeSpan.FromMinutes(5)), (config.MaxIterations, config.Session.OrphanGrace));
        AgentConfig partial = AgentConfigReader.Read("grant: {tools: {deny: [x]}}", Config);
        Assert.Equal((SecurityLevel.Elevated, 1), (partial.Grant.Tools.Level, partial.Grant.Tools.Deny.Count));
    }

    [Theory]
    [InlineData("grants: {}", "grants")]
    [InlineData("grant: {limits: {contaners: 1}}", "grant.limits.contaners")]
    [InlineData("grant: {limits: {disk: much}}", "grant.limits.disk")]
    [InlineData("grant: {limits: {containers: many}}", "grant.limits.containers")]
    [InlineData("grant: {limits: {containers: -1}}", "grant.limits.containers")]
    [InlineData("grant: {limits: {memory: lots}}", "grant.limits.memory")]
    [InlineData("grant: {tools: {level: root}}", "grant.tools.level")]
    [InlineData("grant: {images: ['a*b*c']}", "grant.images")]
    [InlineData("grant: {hostPaths: [{path: relative}]}", "grant.hostPaths")]
    [InlineData("grant: {capabilities: [ZORK]}", "grant.capabilities")]
    [InlineData("grant: {egress: ['zork:443']}", "grant.egress")]
    [InlineData("grant: {egress: ['192.0.2.0/240']}", "grant.egress")]
    [InlineData("grant: {egress: ['host:99999']}", "grant.egress")]
    [InlineData("grant: {ports: [{from: 9, to: 8}]}", "grant.ports")]
    [InlineData("name: [", "configText")]
    [InlineData("just a text", "configText")]
    [InlineData("a: 1\n---\nb: 2", "configText")]
    public void What_is_wrong_is_named(string text, string field)
    {
        QuiltException wrong = Assert.Throws<QuiltException>(() => AgentConfigReader.Read(text, Config));
        Assert.Equal((ErrorCode.InvalidArgument, field), (wrong.Code, wrong.Field));
        Assert.NotEmpty(wrong.Remedy!);
    }

    [Fact]
    public void Aliases_do_not_grow_without_bound()
    {
        string text = "a: &a [x,x,x,x,x,x,x,x,x,x]\n" + string.Concat(Enumerable.Range(0, 9).Select(i => $"{(char)('b' + i)}: &{(char)('b' + i)} [{string.Join(',', Enumerable.Repeat($"*{(char)('a' + i)}", 10))}]\n"));
        Assert.Equal(ErrorCode.InvalidArgument, Assert.Throws<QuiltException>(() => ConfigText.Parse(text, "configText")).Code);
    }

    [Fact]
    public void Any_text_is_read_or_refused() => Gen.String[Gen.Char["abc: -[]{}&*'\"\n#|>!%@0123"], 0, 60].Sample(text =>
    {
        try
        {
            AgentConfigReader.Read(text, Config);
        }
        catch (QuiltException e)
        {
            Assert.Equal(ErrorCode.InvalidArgument, e.Code);
        }
    }, iter: 5000);

    [Fact]
    public void A_duration_is_read_as_it_is_written() => Gen.Long[0, 10_000_000_000].Sample(milliseconds =>
        Assert.Equal(TimeSpan.FromMilliseconds(milliseconds), DurationText.Parse(DurationText.Format(TimeSpan.FromMilliseconds(milliseconds)), "x")));

    [Fact]
    public void A_duration_that_was_once_allowed_is_read_from_the_database_and_refused_where_it_is_asked_for()
    {
        const string stored = """{"session":{"ttl":"1000000d2h","orphanGrace":"3650000d"}}""";
        SessionPolicy read = JsonSerializer.Deserialize(stored, StoredJson.Default.AgentConfig)!.Session;
        Assert.Equal((DurationText.Longest, DurationText.Longest), (read.Ttl, read.OrphanGrace));
        Assert.Equal(TimeSpan.FromMinutes(90), JsonSerializer.Deserialize("""{"session":{"ttl":"1h30m"}}""", StoredJson.Default.AgentConfig)!.Session.Ttl);
        QuiltException refused = Assert.Throws<QuiltException>(() => AgentConfigReader.Read(stored, Config));
        Assert.Equal(ErrorCode.InvalidArgument, refused.Code);
        Assert.Contains("'1000000d2h' is no duration", refused.Message, StringComparison.Ordinal);
        Assert.Contains("365000d", refused.Message + refused.Remedy, StringComparison.Ordinal);
    }
}
