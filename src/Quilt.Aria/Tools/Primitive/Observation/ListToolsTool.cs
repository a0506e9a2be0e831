using System.ComponentModel;

namespace Quilt.Aria;

public sealed record ListToolsArguments
{
    [Description("Of this kind alone.")]
    public ToolScope? Scope { get; init; }

    [Description("Up to this security level.")]
    public SecurityLevel? Level { get; init; }

    [Description("Words that name or description have, such as 'log' or 'wait port'.")]
    public string? Query { get; init; }
}

public sealed record ToolSummary
{
    public required string Name { get; init; }
    public required string Description { get; init; }
    public required ToolScope Scope { get; init; }
    public required SecurityLevel Level { get; init; }
}

public sealed record ListToolsResult
{
    public required IReadOnlyList<ToolSummary> Tools { get; init; }
}

/// <summary>The registry as the caller may use it.</summary>
public sealed class ListToolsTool(Lazy<ToolRegistry> registry) : Tool<ListToolsArguments, ListToolsResult>
{
    public override ToolDefinition Definition { get; } = new("listTools")
    {
        Title = "List tools",
        Description = "The tools that you may call, each with a sentence. Search by words with query; describeTool has a tool's arguments.",
        Example = """{"query": "log"}""",
        Level = SecurityLevel.Safe,
        Idempotent = true,
    };

    protected override Task<ListToolsResult> RunAsync(ListToolsArguments arguments, ToolContext context, CancellationToken cancellation)
    {
        string[] words = arguments.Query?.Split(' ', StringSplitOptions.RemoveEmptyEntries) ?? [];
        return Task.FromResult(new ListToolsResult
        {
            Tools = [.. registry.Value.List(arguments.Scope, arguments.Level ?? SecurityLevel.Dangerous)
                .Where(t => ExecutionEngine.MayCall(context.Caller.Agent, t.Definition) && words.All(w => Mentions(t.Definition, w)))
                .Select(t => Summary(t.Definition))],
        });
    }

    private static bool Mentions(ToolDefinition tool, string word) =>
        tool.Name.Contains(word, StringComparison.OrdinalIgnoreCase) || tool.Title.Contains(word, StringComparison.OrdinalIgnoreCase) || tool.Description.Contains(word, StringComparison.OrdinalIgnoreCase);

    private static ToolSummary Summary(ToolDefinition tool) => new() { Name = tool.Name, Description = tool.Description.Split(". ")[0].TrimEnd('.') + ".", Scope = tool.Scope, Level = tool.Level };
}
