using System.Text.Json.Nodes;
using Quilt.Aria;

namespace Quilt.Daemon;

/// <summary>The description of the HTTP face (OpenAPI 3.1, whose schemas are JSON Schemas as the tools' are).</summary>
internal static class OpenApi
{
    internal static JsonObject Document(ToolRegistry tools)
    {
        JsonObject paths = [];
        foreach (Tool tool in tools.All)
        {
            paths[$"/v1/tools/{tool.Definition.Name}"] = new JsonObject { ["post"] = Operation(tool) };
        }

        paths["/v1/containers/{name}/logs"] = new JsonObject { ["get"] = Stream("followLogs", "A container's log as server-sent events", ["tail", "stream", "pattern", "follow", "cursor"], container: true) };
        paths["/v1/containers/{name}/exec"] = new JsonObject
        {
            ["post"] = new JsonObject
            {
                ["operationId"] = "execStream",
                ["summary"] = "Run a command with its output as server-sent events: started, stdout, stderr (base64), exit",
                ["parameters"] = new JsonArray(ContainerParameter()),
                ["requestBody"] = Body(WithoutContainer(tools.Get("execInContainer").InputSchema)),
                ["responses"] = Responses("text/event-stream", new JsonObject { ["type"] = "string" }),
            },
        };
        paths["/v1/events"] = new JsonObject { ["get"] = Stream("followEvents", "Events as server-sent events", ["cursor", "container", "follow"], container: false) };
        paths["/v1/usage"] = new JsonObject { ["get"] = Stream("followUsage", "What containers use, again and again, as server-sent events", ["interval", "follow"], container: false) };
        paths["/v1/uploads"] = new JsonObject
        {
            ["post"] = new JsonObject
            {
                ["operationId"] = "upload",
                ["summary"] = "Send an archive for the call that names its uploadId, once and within 15 minutes",
                ["requestBody"] = new JsonObject { ["required"] = true, ["content"] = new JsonObject { [HttpFace.Archive] = new JsonObject { ["schema"] = new JsonObject() } } },
                ["responses"] = Responses("application/json", JsonNode.Parse("""{"type":"object","required":["uploadId","bytes"],"properties":{"uploadId":{"type":"string"},"bytes":{"type":"integer"}}}""")!.AsObject()),
            },
        };
        paths["/v1/downloads/{name}"] = new JsonObject
        {
            ["get"] = new JsonObject
            {
                ["operationId"] = "download",
                ["summary"] = "Fetch what a call's result names as downloadId, once and within 15 minutes",
                ["parameters"] = new JsonArray(PathParameter("The downloadId.")),
                ["responses"] = Responses(HttpFace.Archive, []),
            },
        };
        return new JsonObject
        {
            ["openapi"] = "3.1.0",
            ["info"] = new JsonObject { ["title"] = "Quilt", ["version"] = DaemonVersion.Text, ["description"] = "Containers for agents: every tool by HTTP and JSON." },
            ["security"] = new JsonArray(new JsonObject { ["token"] = new JsonArray() }),
            ["paths"] = paths,
            ["components"] = new JsonObject
            {
                ["securitySchemes"] = new JsonObject { ["token"] = new JsonObject { ["type"] = "http", ["scheme"] = "bearer" } },
                ["schemas"] = new JsonObject { ["Problem"] = Problem() },
            },
        };
    }

    private static JsonObject Operation(Tool tool) => new()
    {
        ["operationId"] = tool.Definition.Name,
        ["summary"] = tool.Definition.Title,
        ["description"] = tool.Definition.FullDescription,
        ["tags"] = new JsonArray(tool.Definition.Scope.ToString().ToLowerInvariant()),
        ["parameters"] = new JsonArray(Header("Quilt-Session", "The session that the call is in."), Header("Quilt-Timeout", "How long it may take, such as 30s.")),
        ["requestBody"] = Body(tool.InputSchema.DeepClone().AsObject()),
        ["responses"] = Responses("application/json", tool.OutputSchema.DeepClone().AsObject()),
    };

    private static JsonObject Stream(string id, string summary, string[] query, bool container) => new()
    {
        ["operationId"] = id,
        ["summary"] = summary,
        ["parameters"] = new JsonArray([
            .. container ? (JsonNode[])[ContainerParameter()] : [],
            .. query.Select(q => new JsonObject { ["name"] = q, ["in"] = "query", ["schema"] = new JsonObject { ["type"] = q == "follow" ? "boolean" : q == "tail" ? "integer" : "string" } })]),
        ["responses"] = Responses("text/event-stream", new JsonObject { ["type"] = "string" }),
    };

    private static JsonObject Body(JsonObject schema) => new()
    {
        ["required"] = schema["required"] is JsonArray { Count: > 0 },
        ["content"] = new JsonObject { ["application/json"] = new JsonObject { ["schema"] = schema } },
    };

    private static JsonObject Responses(string type, JsonObject schema) => new()
    {
        ["200"] = new JsonObject { ["description"] = "Done.", ["content"] = new JsonObject { [type] = new JsonObject { ["schema"] = schema } } },
        ["default"] = new JsonObject
        {
            ["description"] = "An error, with a stable code.",
            ["content"] = new JsonObject { ["application/problem+json"] = new JsonObject { ["schema"] = new JsonObject { ["$ref"] = "#/components/schemas/Problem" } } },
        },
    };

    private static JsonObject WithoutContainer(JsonObject schema)
    {
        JsonObject copy = schema.DeepClone().AsObject();
        copy["properties"]!.AsObject().Remove("container");
        copy["required"] = new JsonArray([.. copy["required"]!.AsArray().Select(r => r!.GetValue<string>()).Where(r => r != "container").Select(r => JsonValue.Create(r))]);
        return copy;
    }

    private static JsonObject ContainerParameter() => PathParameter("The container: name, id, or a beginning of the id.");

    private static JsonObject PathParameter(string description) =>
        new() { ["name"] = "name", ["in"] = "path", ["required"] = true, ["description"] = description, ["schema"] = new JsonObject { ["type"] = "string" } };

    private static JsonObject Header(string name, string description) =>
        new() { ["name"] = name, ["in"] = "header", ["description"] = description, ["schema"] = new JsonObject { ["type"] = "string" } };

    private static JsonObject Problem() => JsonNode.Parse(
        """
        {"type":"object","required":["type","title","status","detail","code","message"],"properties":{"type":{"type":"string"},"title":{"type":"string"},"status":{"type":"integer"},"detail":{"type":"string"},
        "code":{"type":"string","description":"Stable: invalid_argument, not_found, ..."},"message":{"type":"string"},"field":{"type":"string"},"remedy":{"type":"string"}}}
        """)!.AsObject();
}
