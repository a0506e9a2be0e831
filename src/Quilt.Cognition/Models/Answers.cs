using System.ComponentModel;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Quilt.Cognition;

/// <summary>What the model fills in for ponderTool.</summary>
internal sealed record PonderAnswer(
    [property: Description("The steps of thought, in order.")] string Reasoning,
    [property: Description("The answer to the question.")] string Conclusion,
    [property: Description("How sure you are of the conclusion: a number from 0 to 1.")] double Confidence,
    [property: Description("What would have to be known to be surer; may be empty.")] IReadOnlyList<string> OpenQuestions);

/// <summary>What the model fills in for the summary of webSearchTool.</summary>
internal sealed record SummaryAnswer(
    [property: Description("The summary, with [n] after each statement for the result that it comes from.")] string Text,
    [property: Description("The numbers of the results used.")] IReadOnlyList<int> Citations);

/// <summary>What the model fills in for the question of parseDocumentTool.</summary>
internal sealed record QuestionAnswer(
    [property: Description("Whether the document holds the answer.")] bool Found,
    [property: Description("The answer; where it was not found, what is missing.")] string Text,
    [property: Description("Passages of the document that the answer rests on, word for word; may be empty.")] IReadOnlyList<string> Quotes);

/// <summary>What the model fills in for writeCodeTool.</summary>
internal sealed record CodeAnswer(
    [property: Description("New and changed files.")] IReadOnlyList<CodeAnswerFile> Files,
    [property: Description("How the code works, and how to run it.")] string Explanation);

internal sealed record CodeAnswerFile(
    [property: Description("Path relative to the project's folder, with '/' and without '..'.")] string Path,
    [property: Description("The file's whole content.")] string Content);

/// <summary>How a model's answers are read: as it is with models, generously.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    PropertyNameCaseInsensitive = true,
    NumberHandling = JsonNumberHandling.AllowReadingFromString,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(PonderAnswer))]
[JsonSerializable(typeof(SummaryAnswer))]
[JsonSerializable(typeof(QuestionAnswer))]
[JsonSerializable(typeof(CodeAnswer))]
internal sealed partial class AnswerJson : JsonSerializerContext;
