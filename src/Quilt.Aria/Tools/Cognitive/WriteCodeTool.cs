using Quilt.Cognition;

namespace Quilt.Aria;

/// <summary>See docs/cognition.md.</summary>
public sealed class WriteCodeTool(CognitionService cognition) : CognitiveTool<WriteCodeArguments, WriteCodeResult>(CognitiveTools.WriteCode, cognition)
{
    public override ToolDefinition Definition { get; } = new(CognitiveTools.WriteCode.Name)
    {
        Title = "Draft code",
        Description = "Has a language model write files for a task, and answers with them. It writes nothing anywhere: put them into a container yourself.",
        Example = """{"task": "A shell script that prints the five largest files below a folder", "language": "sh"}""",
        Scope = ToolScope.Cognitive,
        Level = SecurityLevel.Elevated,
        OpenWorld = true,
    };
}
