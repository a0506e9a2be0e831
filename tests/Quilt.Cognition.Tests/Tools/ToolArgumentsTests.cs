using System.Text.Json;
using Quilt.Cognition.Tests.Providers;
using Quilt.Core;

namespace Quilt.Cognition.Tests.Tools;

public sealed class ToolArgumentsTests
{
    [Theory]
    [InlineData("""{"question":"q","depht":"deep"}""", "depht")]
    [InlineData("""{}""", "question")]
    [InlineData("""{"question":""}""", "question")]
    [InlineData("""{"question":5}""", "question")]
    [InlineData("""{"question":null}""", "question")]
    [InlineData("""{"question":"q","depth":"deeper"}""", "depth")]
    [InlineData("""[]""", "arguments")]
    public void A_bad_argument_is_refused_by_name(string json, string field)
    {
        QuiltException failure = Assert.Throws<QuiltException>(() => ToolArguments.Read(Wire.Json(json), CognitiveTools.Ponder.Arguments));
        Assert.Equal((ErrorCode.InvalidArgument, field), (failure.Code, failure.Field));
    }

    [Theory]
    [InlineData("""{"query":"q","count":0}""", "count")]
    [InlineData("""{"query":"q","count":21}""", "count")]
    [InlineData("""{"query":"q","freshness":"decade"}""", "freshness")]
    public void A_search_is_bounded(string json, string field) =>
        Assert.Equal(field, Assert.Throws<QuiltException>(() => ToolArguments.Read(Wire.Json(json), CognitiveTools.WebSearch.Arguments)).Field);

    [Fact]
    public void A_file_within_the_arguments_is_checked_too() => Assert.Equal("files.path", Assert.Throws<QuiltException>(
        () => ToolArguments.Read(Wire.Json("""{"task":"t","files":[{"path":"","content":""}]}"""), CognitiveTools.WriteCode.Arguments)).Field);

    [Fact]
    public void What_is_left_out_has_its_default()
    {
        Assert.Equal("normal", ToolArguments.Read(Wire.Json("""{"question":"q"}"""), CognitiveTools.Ponder.Arguments).Depth);
        Assert.Equal(5, ToolArguments.Read(Wire.Json("""{"query":"q"}"""), CognitiveTools.WebSearch.Arguments).Count);
        Assert.Equal(65_536, ToolArguments.Read(Wire.Json("""{"content":"x"}"""), CognitiveTools.ParseDocument.Arguments).MaxChars);
        Assert.Empty(ToolArguments.Read(Wire.Json("""{"task":"x"}"""), CognitiveTools.WriteCode.Arguments).Files);
        CognitionConfig config = JsonSerializer.Deserialize("""{"model":{"provider":"openai","model":"m"},"search":{"provider":"searxng"},"documents":{}}""", CognitionJson.Default.CognitionConfig)!;
        Assert.Equal((8_192, 180, 20), (config.Model!.MaxOutputTokens, config.Model.TimeoutSeconds, config.Search!.TimeoutSeconds));
        Assert.Equal(new DocumentLimits(), config.Documents);
        Assert.Equal(new DocumentLimits(), JsonSerializer.Deserialize("{}", CognitionJson.Default.CognitionConfig)!.Documents);
    }

    [Fact]
    public void Every_argument_and_result_is_described()
    {
        Type[] types = [.. typeof(PonderArguments).Assembly.GetExportedTypes().Where(t => t.Name.EndsWith("Arguments", StringComparison.Ordinal) || t.Name.EndsWith("Result", StringComparison.Ordinal) || t == typeof(CodeFile) || t == typeof(WebPage))];
        Assert.Equal(10, types.Length);
        Assert.All(types.SelectMany(t => t.GetProperties()), p => Assert.True(Attribute.IsDefined(p, typeof(System.ComponentModel.DescriptionAttribute)), $"{p.DeclaringType}.{p.Name}"));
    }
}
