#pragma warning disable MCP9005 // log levels: clients of before 2026-07-28 set them
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;
using Quilt.Core;

namespace Quilt.Daemon;

/// <summary>Parameters that are not a request's: the SDK takes them for a failure of ours, and says nothing of them.</summary>
internal static class McpParameters
{
    private static readonly Dictionary<string, JsonTypeInfo> Types = new(StringComparer.Ordinal)
    {
        [RequestMethods.Initialize] = Of<InitializeRequestParams>(),
        [RequestMethods.ToolsList] = Of<ListToolsRequestParams>(),
        [RequestMethods.ToolsCall] = Of<CallToolRequestParams>(),
        [RequestMethods.ResourcesList] = Of<ListResourcesRequestParams>(),
        [RequestMethods.ResourcesTemplatesList] = Of<ListResourceTemplatesRequestParams>(),
        [RequestMethods.ResourcesRead] = Of<ReadResourceRequestParams>(),
        [RequestMethods.PromptsList] = Of<ListPromptsRequestParams>(),
        [RequestMethods.PromptsGet] = Of<GetPromptRequestParams>(),
        [RequestMethods.CompletionComplete] = Of<CompleteRequestParams>(),
        [RequestMethods.LoggingSetLevel] = Of<SetLevelRequestParams>(),
    };

    /// <summary>A filter of what comes in. They are looked into where a request has failed, so that good ones are read once.</summary>
    internal static McpMessageHandler Told(McpMessageHandler next) => async (context, cancellation) =>
    {
        try
        {
            await next(context, cancellation).ConfigureAwait(false);
        }
        catch (Exception e) when (e is not (McpException or OperationCanceledException) && context.JsonRpcMessage is JsonRpcRequest request && Wrong(request.Method, request.Params) is { } wrong)
        {
            throw Refused(request.Method, wrong, e);
        }
    };

    internal static McpProtocolException Refused(string method, string wrong, Exception? inner = null) => new($"Invalid params of {method}: {wrong}", inner, McpErrorCode.InvalidParams);

    /// <returns>What is wrong; null where nothing is.</returns>
    internal static string? Wrong(string method, JsonNode? parameters)
    {
        if (!Types.TryGetValue(method, out JsonTypeInfo? type))
        {
            return null;
        }

        string[] needed = [.. type.Properties.Where(p => p.IsRequired).Select(p => p.Name)];
        if (parameters is null)
        {
            return needed.Length > 0 ? $"there are none; give {string.Join(", ", needed)}" : null;
        }

        if (parameters is not JsonObject)
        {
            return "they are no object";
        }

        try
        {
            string? missing = needed.FirstOrDefault(n => !parameters.AsObject().ContainsKey(n));
            if (missing is not null)
            {
                return $"there is no {missing}";
            }

            JsonSerializer.Deserialize(parameters, type);
            return null;
        }
        catch (Exception e) when (McpJson.IsWrong(e))
        {
            return e is JsonException { Path: { Length: > 2 } path } ? $"{Text.Printable(path[2..])} is not of the type or value that it takes" : "they are not what it takes";
        }
    }

    private static JsonTypeInfo Of<T>() => McpJsonUtilities.DefaultOptions.GetTypeInfo(typeof(T));
}
