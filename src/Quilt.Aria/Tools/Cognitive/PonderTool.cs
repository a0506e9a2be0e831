using Quilt.Cognition;

namespace Quilt.Aria;

/// <summary>See docs/cognition.md.</summary>
public sealed class PonderTool(CognitionService cognition) : CognitiveTool<PonderArguments, PonderResult>(CognitiveTools.Ponder, cognition)
{
    public override ToolDefinition Definition { get; } = new(CognitiveTools.Ponder.Name)
    {
        Title = "Think about a question",
        Description = "Has a language model think about one question, apart from your conversation, and answers with its reasoning, a conclusion, how sure it is, and what stays open. It costs tokens and seconds, and changes nothing.",
        Example = """{"question": "Which of these two designs fails first under load, and why?", "depth": "deep"}""",
        Scope = ToolScope.Cognitive,
        Level = SecurityLevel.Elevated,
        OpenWorld = true,
    };
}
