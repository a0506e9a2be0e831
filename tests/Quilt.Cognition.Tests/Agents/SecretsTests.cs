using System.Text.Json;
using System.Text.Json.Nodes;
using Quilt.Cognition.Tests.Providers;

namespace Quilt.Cognition.Tests.Agents;

public sealed class SecretsTests
{
    private static readonly JsonElement Schema = Wire.Json("""{"properties": {"name": {}, "env": {"x-sensitive": true}, "stdin": {"x-sensitive": true}}}""");

    private readonly Secrets _secrets = new();

    [Fact]
    public void What_a_schema_calls_sensitive_is_left_out_and_values_of_variables_are_left_out_wherever_they_turn_up_later()
    {
        JsonObject clean = Clean("""{"name": "box", "env": {"PASSWORD": "hunter22", "N": "1"}, "stdin": "lines"}""", Schema);
        Assert.Equal("""{"name":"box","env":{"PASSWORD":"(redacted)","N":"(redacted)"},"stdin":"(redacted)"}""", clean.ToJsonString());
        Assert.Equal("it is (redacted), 1 of the lines", _secrets.Clean("it is hunter22, 1 of the lines"));
        Assert.Equal("""{"stdout":["a (redacted)"]}""", _secrets.CleanResult(JsonNode.Parse("""{"stdout": ["a hunter22"]}"""))!.ToJsonString());
    }

    [Fact]
    public void A_token_that_a_tool_answers_with_is_secret_from_then_on()
    {
        Assert.Equal("""{"token":"(redacted)"}""", _secrets.CleanResult(JsonNode.Parse("""{"token": "quilt_abcdef"}"""))!.ToJsonString());
        Assert.Equal("(redacted)", _secrets.Clean("quilt_abcdef"));
    }

    [Fact]
    public void What_no_schema_knows_may_be_anything() => Assert.Equal("""{"a":"(redacted)","name":"(redacted)"}""", Clean("""{"a": 1, "name": "x"}""", null).ToJsonString());

    private JsonObject Clean(string arguments, JsonElement? schema) => _secrets.CleanArguments(JsonNode.Parse(arguments)!.AsObject(), schema);
}
