using System.Text.Json;
using Quilt.Cognition;

namespace Quilt.Aria;

/// <summary>A configuration's text, YAML or JSON, as JSON.</summary>
public static class ConfigText
{
    /// <param name="field">Where the text came from.</param>
    /// <exception cref="Core.QuiltException">InvalidArgument: where, and what is wrong.</exception>
    public static JsonElement Parse(string text, string field) => JsonSerializer.SerializeToElement(YamlText.ToJson(text, field), AriaJson.Default.JsonObject);
}
