using System.Text.Json;
using System.Text.Json.Nodes;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;

namespace Quilt.Examples;

/// <summary>
/// An agent's connection to Quilt by the Model Context Protocol. It starts <c>quilt mcp</c>, as every client does that has it in its configuration;
/// where quiltd is and whose token this is stands in the environment (QUILT_HOST, QUILT_TOKEN).
/// </summary>
internal sealed class McpAgent(McpClient client) : IAsyncDisposable
{
    // What is long or secret is not told.
    private static readonly string[] Untold = ["env", "files", "dockerfileText", "stdin", "content"];

    /// <param name="session">The name or id of a session that the agent has begun; null: one that ends with this connection.</param>
    internal static async Task<McpAgent> ConnectAsync(string? session = null)
    {
        StdioClientTransport quilt = new(new StdioClientTransportOptions
        {
            Command = "quilt",
            Arguments = ["mcp"],
            EnvironmentVariables = new Dictionary<string, string?> { ["QUILT_SESSION"] = session },
        });
        return new McpAgent(await Steps.StepAsync($"quilt mcp{(session is null ? "" : $", in the session '{session}'")}", () => McpClient.CreateAsync(quilt)).ConfigureAwait(false));
    }

    /// <summary>Calls a tool and tells it.</summary>
    /// <exception cref="ToolException">The tool failed.</exception>
    internal async Task<JsonElement> CallAsync(string tool, object arguments)
    {
        JsonElement given = JsonSerializer.SerializeToElement(arguments);
        Dictionary<string, object?> named = given.EnumerateObject().Where(p => p.Value.ValueKind != JsonValueKind.Null).ToDictionary(p => p.Name, p => (object?)p.Value);
        CallToolResult result = await Steps.StepAsync($"{tool} {Brief(named)}", () => client.CallToolAsync(tool, named).AsTask()).ConfigureAwait(false);
        return result.IsError == true ? throw new ToolException(tool, ((TextContentBlock)result.Content[0]).Text) : result.StructuredContent!.Value;
    }

    /// <summary>Runs a command in a container; the exit code is its own.</summary>
    internal async Task<(int ExitCode, string Output)> ExecAsync(string container, string[] command, string? stdin = null)
    {
        JsonElement done = await CallAsync("execInContainer", new { container, command, stdin, timeout = "30s" }).ConfigureAwait(false);
        return (done.GetProperty("exitCode").GetInt32(), done.GetProperty("stdout").GetString()! + done.GetProperty("stderr").GetString());
    }

    /// <summary>The end of the connection is that of its own session.</summary>
    public ValueTask DisposeAsync() => client.DisposeAsync();

    private static string Brief(Dictionary<string, object?> arguments)
    {
        JsonObject told = [];
        foreach ((string name, object? value) in arguments)
        {
            told[name] = Untold.Contains(name) ? "…" : Shortened(JsonNode.Parse(((JsonElement)value!).GetRawText())!);
        }

        return told.ToJsonString(new JsonSerializerOptions { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
    }

    private static JsonNode Shortened(JsonNode node)
    {
        if (node is JsonObject fields)
        {
            foreach (string name in Untold.Where(fields.ContainsKey))
            {
                fields[name] = "…";
            }
        }

        return node;
    }
}

/// <summary>A tool said no.</summary>
/// <param name="answer">JSON: code, message, field, remedy.</param>
internal sealed class ToolException(string tool, string answer) : Exception($"{tool}: {answer}")
{
    internal string Code { get; } = JsonElement.Parse(answer).GetProperty("code").GetString()!;
}
