using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.Extensions.AI;

namespace Quilt.Cognition;

/// <summary>The form of a model's answer: a type, its schema, and what else must hold of it.</summary>
/// <param name="name">The schema's name to the provider.</param>
/// <param name="wrong">What is wrong with an answer that has the right type; null where nothing is.</param>
internal sealed class AnswerForm<T>(string name, JsonTypeInfo<T> type, Func<T, string?> wrong)
    where T : class
{
    // Not before it is asked for: to make one takes a tenth of a second, and most documents come without a question.
    private readonly Lazy<JsonElement> _schema = new(() => AIJsonUtilities.CreateJsonSchema(
        typeof(T), serializerOptions: type.Options, inferenceOptions: new AIJsonSchemaCreateOptions
        {
            TransformOptions = new AIJsonSchemaTransformOptions { DisallowAdditionalProperties = true, RequireAllProperties = true },
        }));

    public ChatResponseFormat ResponseFormat => ChatResponseFormat.ForJsonSchema(_schema.Value, name);

    /// <summary>The instructions with the schema, for models whose servers do not enforce it.</summary>
    public string Instructions(string instructions) =>
        $"{instructions}\n\nAnswer with one JSON object of this schema, and nothing before or after it:\n{_schema.Value.GetRawText()}";

    /// <summary>Reads an answer, wherever in the text it is.</summary>
    public bool TryRead(string text, [NotNullWhen(true)] out T? answer, out string why)
    {
        answer = null;
        if (!JsonAnswer.TryFind(text, out JsonElement json))
        {
            why = "it holds no JSON object";
            return false;
        }

        try
        {
            answer = json.Deserialize(type);
            why = answer is null ? "it is null" : wrong(answer) ?? "";
        }
        catch (JsonException e)
        {
            why = $"it does not keep to the schema at {e.Path ?? "its root"}";
        }

        return answer is not null && why.Length == 0;
    }
}
