using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Quilt.Core;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Quilt.Aria;

/// <summary>Reads an agent's configuration as people write it: YAML, of which JSON is a part.</summary>
internal static class AgentConfigReader
{
    private const int DeepestNesting = 32, MostNodes = 100_000;

    /// <param name="schema">Of <see cref="AgentConfig"/>.</param>
    /// <exception cref="QuiltException">InvalidArgument: where, and what is wrong.</exception>
    internal static AgentConfig Read(string text, Schema schema)
    {
        JsonElement json = JsonSerializer.SerializeToElement(ToJson(text), AriaJson.Default.JsonObject);
        schema.Check(json);
        try
        {
            return Check(json.Deserialize(AriaJson.Default.AgentConfig)!);
        }
        catch (JsonException e)
        {
            throw QuiltException.Invalid(e.Path?.TrimStart('$', '.') ?? "config", e.Message.Split(" Path:")[0], "see docs/agents.md for the fields");
        }
    }

    /// <summary>What no schema can say.</summary>
    internal static AgentConfig Check(AgentConfig config)
    {
        Grant grant = config.Grant;
        foreach ((string field, IReadOnlyList<string>? patterns) in ((string, IReadOnlyList<string>?)[])
            [("tools.allow", grant.Tools.Allow), ("tools.deny", grant.Tools.Deny), ("images", grant.Images), ("registries", grant.Registries), ("capabilities", grant.Capabilities), ("egress", grant.Egress)])
        {
            if (patterns?.FirstOrDefault(p => !Pattern.IsValid(p)) is { } wrong)
            {
                throw QuiltException.Invalid($"grant.{field}", $"'{wrong}' cannot be matched", Pattern.Remedy);
            }
        }

        if (grant.HostPaths.FirstOrDefault(p => !p.Path.StartsWith('/') || p.Path.Split('/').Contains("..")) is { } path)
        {
            throw QuiltException.Invalid("grant.hostPaths", $"'{path.Path}' is no absolute path without '..'", "begin it with '/'");
        }

        if (grant.Ports.FirstOrDefault(p => p.From > p.To) is { } ports)
        {
            throw QuiltException.Invalid("grant.ports", $"the ports {ports.From} to {ports.To} are none", "give the lower one first");
        }

        return config;
    }

    private static JsonObject ToJson(string text)
    {
        try
        {
            YamlStream stream = [];
            stream.Load(new StringReader(text));
            int nodes = 0;
            return stream.Documents.Count == 1 && Convert(stream.Documents[0].RootNode, 0, ref nodes) is JsonObject root
                ? root
                : throw QuiltException.Invalid("configText", "the configuration is no mapping of fields to values", "write one YAML document such as 'name: builder'");
        }
        catch (YamlException e)
        {
            throw QuiltException.Invalid("configText", $"line {e.Start.Line}, column {e.Start.Column}: {e.Message}", "write valid YAML or JSON");
        }
    }

    /// <summary>An alias may be used often: what it becomes is bounded.</summary>
    private static JsonNode? Convert(YamlNode node, int depth, ref int nodes)
    {
        if (depth > DeepestNesting || ++nodes > MostNodes)
        {
            throw QuiltException.Invalid("configText", "the configuration is nested too deeply, or too large", "write it without so many levels and aliases");
        }

        switch (node)
        {
            case YamlMappingNode mapping:
                JsonObject fields = [];
                foreach ((YamlNode key, YamlNode value) in mapping.Children)
                {
                    string name = (key as YamlScalarNode)?.Value ?? "";
                    if (!fields.TryAdd(name, Convert(value, depth + 1, ref nodes)))
                    {
                        throw QuiltException.Invalid(name, $"line {key.Start.Line}: {name} is given twice", "give it once");
                    }
                }

                return fields;
            case YamlSequenceNode sequence:
                JsonArray items = [];
                foreach (YamlNode item in sequence.Children)
                {
                    items.Add(Convert(item, depth + 1, ref nodes));
                }

                return items;
            default:
                return Scalar((YamlScalarNode)node);
        }
    }

    /// <summary>By YAML's core schema: what is quoted is text.</summary>
    private static JsonValue? Scalar(YamlScalarNode scalar)
    {
        string text = scalar.Value ?? "";
        if (scalar.Style is not ScalarStyle.Plain)
        {
            return JsonValue.Create(text);
        }

        return text switch
        {
            "" or "~" or "null" => null,
            "true" => JsonValue.Create(true),
            "false" => JsonValue.Create(false),
            _ when long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long whole) => JsonValue.Create(whole),
            _ when double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) && double.IsFinite(number) => JsonValue.Create(number),
            _ => JsonValue.Create(text),
        };
    }
}
