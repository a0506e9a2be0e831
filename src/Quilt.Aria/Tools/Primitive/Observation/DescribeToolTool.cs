using System.ComponentModel;
using System.Text.Json.Nodes;
using Quilt.Core;

namespace Quilt.Aria;

public sealed record DescribeToolArguments
{
    [Description("The tool's name.")]
    public required string Name { get; init; }
}

public sealed record DescribeToolResult
{
    public required string Name { get; init; }
    public required string Title { get; init; }
    public required string Description { get; init; }
    public required ToolScope Scope { get; init; }
    public required SecurityLevel Level { get; init; }

    [Description("JSON Schema of its arguments.")]
    public required JsonObject Arguments { get; init; }

    [Description("JSON Schema of its result.")]
    public required JsonObject Result { get; init; }
}

/// <summary>See <see cref="ToolRegistry.Get"/>.</summary>
public sealed class DescribeToolTool(Lazy<ToolRegistry> registry) : Tool<DescribeToolArguments, DescribeToolResult>
{
    public override ToolDefinition Definition { get; } = new("describeTool")
    {
        Title = "Describe a tool",
        Description = "All of a tool: what it does, an example, and the JSON Schemas of its arguments and result.",
        Example = """{"name": "createContainer"}""",
        Level = SecurityLevel.Safe,
        Idempotent = true,
    };

    protected override Task<DescribeToolResult> RunAsync(DescribeToolArguments arguments, ToolContext context, CancellationToken cancellation)
    {
        Tool tool = registry.Value.Get(arguments.Name);
        if (!ExecutionEngine.MayCall(context.Caller.Agent, tool.Definition))
        {
            throw new QuiltException(ErrorCode.PermissionDenied, $"the tool '{tool.Definition.Name}' is outside the grant", "see listTools for those that you may call", "name");
        }

        return Task.FromResult(new DescribeToolResult
        {
            Name = tool.Definition.Name,
            Title = tool.Definition.Title,
            Description = tool.Definition.FullDescription,
            Scope = tool.Definition.Scope,
            Level = tool.Definition.Level,
            Arguments = tool.InputSchema,
            Result = tool.OutputSchema,
        });
    }
}
