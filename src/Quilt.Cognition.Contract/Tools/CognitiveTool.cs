using System.Text.Json.Serialization.Metadata;

namespace Quilt.Cognition;

/// <summary>A cognitive tool's name with the types of what goes in and comes out.</summary>
public sealed record CognitiveTool<TArguments, TResult>(string Name, JsonTypeInfo<TArguments> Arguments, JsonTypeInfo<TResult> Result);

/// <summary>The cognitive tools. They call a language model or a search provider, or read a document; they never touch a container.</summary>
public static class CognitiveTools
{
    public static readonly CognitiveTool<PonderArguments, PonderResult> Ponder =
        new("ponderTool", CognitionJson.Default.PonderArguments, CognitionJson.Default.PonderResult);

    public static readonly CognitiveTool<WebSearchArguments, WebSearchResult> WebSearch =
        new("webSearchTool", CognitionJson.Default.WebSearchArguments, CognitionJson.Default.WebSearchResult);

    public static readonly CognitiveTool<ParseDocumentArguments, ParseDocumentResult> ParseDocument =
        new("parseDocumentTool", CognitionJson.Default.ParseDocumentArguments, CognitionJson.Default.ParseDocumentResult);

    public static readonly CognitiveTool<WriteCodeArguments, WriteCodeResult> WriteCode =
        new("writeCodeTool", CognitionJson.Default.WriteCodeArguments, CognitionJson.Default.WriteCodeResult);
}
