using System.Globalization;
using System.Text.Json.Nodes;
using Quilt.Core;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Quilt.Cognition;

/// <summary>YAML as people write configurations in it, the daemon's and agents'; JSON is a part of it.</summary>
public static class YamlText
{
    private const int DeepestNesting = 32, MostNodes = 100_000;

    /// <param name="field">Where the text came from.</param>
    /// <exception cref="QuiltException">InvalidArgument: where, and what is wrong.</exception>
    public static JsonObject ToJson(string text, string field)
    {
        try
        {
            YamlStream stream = [];
            stream.Load(new StringReader(text));
            int nodes = 0;
            return stream.Documents.Count == 1 && Convert(stream.Documents[0].RootNode, field, 0, ref nodes) is JsonObject root
                ? root
                : throw QuiltException.Invalid(field, "the configuration is no mapping of fields to values", "write one YAML document such as 'name: builder'");
        }
        catch (Exception e) when (e is InvalidOperationException or ArgumentException)
        {
            // The library's word on some texts that are no YAML.
            throw QuiltException.Invalid(field, "the configuration is no YAML", "write valid YAML or JSON");
        }
        catch (YamlException e)
        {
            throw QuiltException.Invalid(field, $"line {e.Start.Line}, column {e.Start.Column}: {e.Message}", "write valid YAML or JSON");
        }
    }

    /// <summary>An alias may be used often: what it becomes is bounded.</summary>
    private static JsonNode? Convert(YamlNode node, string field, int depth, ref int nodes)
    {
        if (depth > DeepestNesting || ++nodes > MostNodes)
        {
            throw QuiltException.Invalid(field, "the configuration is nested too deeply, or too large", "write it without so many levels and aliases");
        }

        switch (node)
        {
            case YamlMappingNode mapping:
                JsonObject fields = [];
                foreach ((YamlNode key, YamlNode value) in mapping.Children)
                {
                    string name = (key as YamlScalarNode)?.Value ?? "";
                    if (!fields.TryAdd(name, Convert(value, field, depth + 1, ref nodes)))
                    {
                        throw QuiltException.Invalid(name, $"line {key.Start.Line}: {name} is given twice", "give it once");
                    }
                }

                return fields;
            case YamlSequenceNode sequence:
                JsonArray items = [];
                foreach (YamlNode item in sequence.Children)
                {
                    items.Add(Convert(item, field, depth + 1, ref nodes));
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
