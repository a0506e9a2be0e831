using Quilt.Cognition;

namespace Quilt.Aria;

/// <summary>See docs/cognition.md.</summary>
public sealed class ParseDocumentTool(CognitionService cognition) : CognitiveTool<ParseDocumentArguments, ParseDocumentResult>(CognitiveTools.ParseDocument, cognition)
{
    public override ToolDefinition Definition { get; } = new(CognitiveTools.ParseDocument.Name)
    {
        Title = "Read a document",
        Description = "Reads a PDF, DOCX, XLSX, PPTX, HTML, Markdown, CSV, JSON or text document that you give as content, in a confined process: text, structure, tables, metadata; with a question, the language model's answer too. It touches no container: read the file out of it first.",
        Example = """{"content": "name,age\nann,3", "format": "csv"}""",
        Scope = ToolScope.Cognitive,
        Level = SecurityLevel.Elevated,
        OpenWorld = true,
    };
}
