using System.Buffers;
using System.Text.Json;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;
using Quilt.Aria;
using Quilt.Core;
using ListToolsResult = ModelContextProtocol.Protocol.ListToolsResult;
using McpTool = ModelContextProtocol.Protocol.Tool;

namespace Quilt.Daemon;

/// <summary>The tools as MCP has them.</summary>
internal sealed class McpTools(AgentLayer agents)
{
    private const string CallTool = "callTool";

    /// <summary>Asked again, it tells of the session that has ended.</summary>
    private const string EndSession = "endSession";

    /// <summary>What a lazy client sees: enough to work with containers, and the way to the rest.</summary>
    private static readonly HashSet<string> Entrance = ["listTools", "describeTool", "createContainer", "startContainer", "execInContainer", "removeContainer"];

    private readonly Dictionary<string, McpTool> _described = agents.Tools.All.ToDictionary(t => t.Definition.Name, Describe, StringComparer.Ordinal);

    internal ListToolsResult List(McpConnection connection)
    {
        Agent agent = connection.Authenticate().Agent;
        IEnumerable<McpTool> granted = agents.Tools.All
            .Where(t => ExecutionEngine.MayCall(agent, t.Definition) && (!connection.Lazy || Entrance.Contains(t.Definition.Name))).Select(t => _described[t.Definition.Name]);
        return new ListToolsResult { Tools = [.. granted, .. connection.Lazy ? (McpTool[])[AnyTool] : []] };
    }

    internal async Task<CallToolResult> CallAsync(McpConnection connection, RequestContext<CallToolRequestParams> request, CancellationToken cancellation)
    {
        if (request.Params is not { Name: { } name } asked)
        {
            throw McpParameters.Refused(RequestMethods.ToolsCall, "there is no name"); // the SDK lets null through
        }

        try
        {
            (name, JsonElement arguments) = connection.Lazy && asked.Name == CallTool ? Inner(asked.Arguments) : (asked.Name, Object(asked.Arguments));
            Quilt.Aria.Tool? tool = agents.Tools.TryGet(name);
            Call call = tool is { Definition.ReadOnly: false } ? connection.CallInSession(anew: name != EndSession) : connection.Call;
            call = call with { TraceParent = asked.Meta?[Telemetry.TraceHeader]?.ToString() ?? call.TraceParent };
            string result = await agents.CallAsync(call, name, arguments, ProgressTo(request, asked), cancellation).ConfigureAwait(false);
            return new CallToolResult { Content = [new TextContentBlock { Text = result }], StructuredContent = JsonElement.Parse(result) };
        }
        catch (QuiltException e) when (e.Code == ErrorCode.NotFound && e.Field == "name" && agents.Tools.TryGet(name) is null) // not a name that a tool was asked for
        {
            throw new McpProtocolException($"Unknown tool: {e.Message} ({e.Remedy})", McpErrorCode.InvalidParams);
        }
        catch (QuiltException e)
        {
            return new CallToolResult { IsError = true, Content = [new TextContentBlock { Text = ErrorJson.Of(e) }] };
        }
    }

    private static Progress? ProgressTo(RequestContext<CallToolRequestParams> request, CallToolRequestParams asked) =>
        asked.ProgressToken is { } token ? new Progress(request.Server, token) : null;

    private static JsonElement Object(IDictionary<string, JsonElement>? arguments)
    {
        ArrayBufferWriter<byte> json = new();
        using (Utf8JsonWriter writer = new(json))
        {
            writer.WriteStartObject();
            foreach ((string name, JsonElement value) in arguments ?? new Dictionary<string, JsonElement>())
            {
                writer.WritePropertyName(name);
                value.WriteTo(writer);
            }

            writer.WriteEndObject();
        }

        return JsonElement.Parse(json.WrittenSpan);
    }

    private static (string Name, JsonElement Arguments) Inner(IDictionary<string, JsonElement>? arguments)
    {
        JsonElement name = default, inner = default;
        if (arguments?.TryGetValue("name", out name) != true || name.ValueKind != JsonValueKind.String)
        {
            throw QuiltException.Invalid("tool", "no tool is named", "give name and arguments; listTools has the names");
        }

        return (name.GetString()!, arguments.TryGetValue("arguments", out inner) ? inner : JsonElement.Parse("{}"));
    }

    private static McpTool Describe(Quilt.Aria.Tool tool) => new()
    {
        Name = tool.Definition.Name,
        Title = tool.Definition.Title,
        Description = tool.Definition.FullDescription,
        InputSchema = JsonElement.Parse(tool.InputSchema.ToJsonString()),
        OutputSchema = JsonElement.Parse(tool.OutputSchema.ToJsonString()),
        Annotations = new ToolAnnotations
        {
            Title = tool.Definition.Title,
            ReadOnlyHint = tool.Definition.ReadOnly,
            DestructiveHint = tool.Definition.Destructive,
            IdempotentHint = tool.Definition.Idempotent,
            OpenWorldHint = tool.Definition.OpenWorld,
        },
    };

    private static McpTool AnyTool { get; } = new()
    {
        Name = CallTool,
        Title = "Call a tool",
        Description = "Calls any tool that listTools shows, with the arguments that describeTool tells. It is granted, limited and audited as that tool.",
        InputSchema = JsonElement.Parse("""{"type":"object","properties":{"name":{"type":"string","description":"The tool's name."},"arguments":{"type":"object","description":"Its arguments."}},"required":["name"],"additionalProperties":false}"""),
    };

    private sealed class Progress(McpServer server, ProgressToken token) : IProgress<ToolProgress>
    {
        public void Report(ToolProgress value) => _ = server.NotifyProgressAsync(
            token, new ProgressNotificationValue { Progress = (float)value.Progress, Total = (float?)value.Total, Message = value.Message });
    }
}
