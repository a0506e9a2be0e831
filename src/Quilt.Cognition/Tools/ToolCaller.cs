using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Quilt.Core;

namespace Quilt.Cognition;

/// <summary>Runs the tool that a request names.</summary>
/// <param name="config">Of the operator.</param>
/// <param name="modelKey">Read before the process gave up its rights.</param>
/// <param name="searchKey">As the other.</param>
/// <param name="documents">Reads documents, elsewhere.</param>
public sealed class ToolCaller(CognitionConfig config, ApiKey modelKey, ApiKey searchKey, IDocumentReader documents) : IDisposable
{
    private readonly LanguageModel _model = new(config.Model, modelKey);

    /// <exception cref="QuiltException">Whatever the tool fails with; not_found for a name that is none.</exception>
    public Task<JsonElement> Call(string tool, JsonElement arguments, CancellationToken cancellation) => tool switch
    {
        "ponderTool" => Run(CognitiveTools.Ponder, arguments, new PonderTool(_model).Run, cancellation),
        "webSearchTool" => Run(CognitiveTools.WebSearch, arguments, new WebSearchTool(config.Search, searchKey, _model).Run, cancellation),
        "parseDocumentTool" => Run(CognitiveTools.ParseDocument, arguments, new ParseDocumentTool(config.Documents, documents, _model).Run, cancellation),
        "writeCodeTool" => Run(CognitiveTools.WriteCode, arguments, new WriteCodeTool(_model).Run, cancellation),
        _ => throw new QuiltException(ErrorCode.NotFound, $"there is no cognitive tool '{tool}'", "use ponderTool, webSearchTool, parseDocumentTool or writeCodeTool", "tool"),
    };

    public void Dispose() => _model.Dispose();

    private static async Task<JsonElement> Run<TArguments, TResult>(
        CognitiveTool<TArguments, TResult> tool, JsonElement arguments, Func<TArguments, CancellationToken, Task<TResult>> run, CancellationToken cancellation)
        where TArguments : class
    {
        TResult result = await run(ToolArguments.Read(arguments, tool.Arguments), cancellation).ConfigureAwait(false);
        return JsonSerializer.SerializeToElement(result, tool.Result);
    }
}
