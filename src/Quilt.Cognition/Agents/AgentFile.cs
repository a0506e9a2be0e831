using System.Text.Json;
using System.Text.Json.Serialization;
using Quilt.Core;

namespace Quilt.Cognition;

/// <summary>An agent's configuration as the built-in loop needs it. What the agent may do is the daemon's to read and to keep.</summary>
public sealed record AgentFile
{
    private const int MostIterations = 100_000;

    public string? Name { get; init; }
    public string? Description { get; init; }
    public JsonElement? Grant { get; init; }
    public JsonElement? Session { get; init; }

    /// <summary>What its model is told first.</summary>
    public string? SystemPrompt { get; init; }
    public ModelConfig? Model { get; init; }

    /// <summary>How often its model is asked at most.</summary>
    public int MaxIterations { get; set; } = 50;

    /// <param name="text">YAML or JSON.</param>
    /// <exception cref="QuiltException">InvalidArgument: where, and what is wrong.</exception>
    public static AgentFile Read(string text)
    {
        AgentFile file;
        try
        {
            file = YamlText.ToJson(text, "--config").Deserialize(AgentFileJson.Default.AgentFile)!;
        }
        catch (JsonException e)
        {
            string field = e.Path?.TrimStart('$', '.') is { Length: > 0 } path ? path : "--config";
            throw QuiltException.Invalid(field, $"{field}: {e.Message.Split(" Path:")[0]}", "see docs/cognition.md for the fields of an agent's configuration");
        }

        return file.Model is null ? throw QuiltException.Invalid("model", "the agent's configuration names no model", "give model: provider, model, and endpoint or apiKeyFile")
            : file.MaxIterations is < 1 or > MostIterations ? throw QuiltException.Invalid("maxIterations", $"maxIterations {file.MaxIterations} is out of bounds", $"give 1 to {MostIterations}")
            : file;
    }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(AgentFile))]
internal sealed partial class AgentFileJson : JsonSerializerContext;
