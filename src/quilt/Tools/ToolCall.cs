using System.Text.Json;
using Quilt.Api.V1;
using Quilt.Core;

namespace Quilt.Cli;

/// <summary>One call of a tool, from its arguments to its result.</summary>
internal static class ToolCall
{
    /// <summary>Progress is shown on a terminal alone.</summary>
    /// <returns>The result's JSON, as the daemon wrote it.</returns>
    internal static async Task<string> RunAsync(Invocation call, CallToolRequest request, string? idempotencyKey = null)
    {
        using ProgressDisplay display = new(call.Streams);
        return await RunAsync(call, request, display.Show, idempotencyKey);
    }

    /// <param name="told">What is done with progress.</param>
    internal static async Task<string> RunAsync(Invocation call, CallToolRequest request, Action<ToolProgress> told, string? idempotencyKey = null)
    {
        await foreach (CallToolEvent happened in call.Daemon.CallTool(request, idempotencyKey))
        {
            if (happened.EventCase == CallToolEvent.EventOneofCase.Result)
            {
                return happened.Result;
            }

            if (happened.Progress is { } progress)
            {
                told(progress);
            }
        }

        throw new QuiltException(ErrorCode.Internal, $"quiltd ended the call of {request.Name} without a result", "see quiltd's log");
    }

    internal static async Task<ToolAnswer> RunAsync(Invocation call, string tool, ToolArguments arguments) =>
        Read(tool, await RunAsync(call, new CallToolRequest { Name = tool, Arguments = arguments.ToString() }));

    /// <summary>One without arguments whose progress nobody is shown.</summary>
    internal static async Task<ToolAnswer> RunAsync(DaemonClient daemon, string tool, TimeSpan within)
    {
        string result = "";
        await foreach (CallToolEvent happened in daemon.CallTool(new CallToolRequest { Name = tool }, within: within))
        {
            result = happened.EventCase == CallToolEvent.EventOneofCase.Result ? happened.Result : result;
        }

        return Read(tool, result);
    }

    /// <exception cref="QuiltException">Internal: the answer is no JSON.</exception>
    internal static ToolAnswer Read(string tool, string result)
    {
        try
        {
            return new ToolAnswer(JsonSerializer.Deserialize(result, CliJson.Compact.JsonElement));
        }
        catch (JsonException e)
        {
            throw new QuiltException(ErrorCode.Internal, $"quiltd's answer to {tool} is no JSON", "use a quilt and a quiltd of the same version", inner: e);
        }
    }
}
