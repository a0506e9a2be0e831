using System.Text.Json;
using Grpc.Core;
using Quilt.Api.V1;
using Quilt.Aria;
using Quilt.Core;

namespace Quilt.Daemon;

internal sealed partial class QuiltGrpcService
{
    public override Task<ListToolsResponse> ListTools(ListToolsRequest request, ServerCallContext context) => RunAsync(
        context, "listTools", request, () => Told.Of(("scope", request.Scope), ("level", request.Level)), (caller, _) => Task.FromResult(new ListToolsResponse
        {
            Tools =
            {
                agents.Tools.List(Named<ToolScope>("scope", request.Scope), Named<SecurityLevel>("level", request.Level) ?? SecurityLevel.Dangerous)
                    .Where(t => ExecutionEngine.MayCall(caller.Agent, t.Definition)).Select(Message),
            },
        }));

    public override async Task CallTool(CallToolRequest request, IServerStreamWriter<CallToolEvent> responseStream, ServerCallContext context)
    {
        JsonElement arguments = ToolArguments.Parse(request.Arguments);
        Call call = GrpcCall.Of(context) with { Timeout = RequestArguments.Timeout(request.Timeout) };
        ProgressChannel progress = new();
        Task<string> result = progress.CompleteWith(agents.CallAsync(call, request.Name, arguments, progress, context.CancellationToken));
        await foreach (Aria.ToolProgress told in progress.ReadAllAsync(context.CancellationToken).ConfigureAwait(false))
        {
            Api.V1.ToolProgress message = new() { Progress = told.Progress, Total = told.Total ?? 0, Message = told.Message, Item = told.Item, Stage = told.Stage };
            await responseStream.WriteAsync(new CallToolEvent { Progress = message }, context.CancellationToken).ConfigureAwait(false);
        }

        await responseStream.WriteAsync(new CallToolEvent { Result = await result.ConfigureAwait(false) }, context.CancellationToken).ConfigureAwait(false);
    }

    public override Task Mcp(IAsyncStreamReader<McpMessage> requestStream, IServerStreamWriter<McpMessage> responseStream, ServerCallContext context) =>
        mcp.ServeAsync(GrpcCall.Of(context) with { Face = "mcp" }, requestStream, responseStream, context.CancellationToken);

    private static ToolInfo Message(Tool tool)
    {
        ToolDefinition definition = tool.Definition;
        return new ToolInfo
        {
            Name = definition.Name,
            Title = definition.Title,
            Description = definition.FullDescription,
            Scope = definition.Scope.ToString().ToLowerInvariant(),
            Level = definition.Level.ToString().ToLowerInvariant(),
            InputSchema = tool.InputSchema.ToJsonString(),
            OutputSchema = tool.OutputSchema.ToJsonString(),
            ReadOnly = definition.ReadOnly,
            Destructive = definition.Destructive,
            Idempotent = definition.Idempotent,
            OpenWorld = definition.OpenWorld,
        };
    }

    private static T? Named<T>(string field, string text)
        where T : struct, Enum => text.Length == 0 ? null
            : Enum.GetValues<T>().Where(v => v.ToString().Equals(text, StringComparison.OrdinalIgnoreCase)).Select(v => (T?)v).FirstOrDefault()
                ?? throw QuiltException.Invalid(field, $"{field} '{text}' is unknown", $"use {string.Join(", ", Enum.GetNames<T>().Select(n => n.ToLowerInvariant()))}");
}
