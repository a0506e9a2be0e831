using System.Text.Json;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;
using Quilt.Aria;
using Quilt.Core;
using Quilt.Engine;

namespace Quilt.Daemon;

/// <summary>The guide, the system and each container's status and log, as resources. Reading one is a call of the tool that does the same.</summary>
internal sealed class McpResources(AgentLayer agents, ContainerEngine engine)
{
    private const string GuideUri = "quilt://guide", SystemUri = "quilt://system", TopologyUri = "quilt://topology", Containers = "quilt://containers/", Status = "/status", Logs = "/logs";
    private const string Json = "application/json", Markdown = "text/markdown";
    private const int MostListed = 200;

    internal ListResourcesResult List(McpConnection connection)
    {
        Caller caller = connection.Authenticate();
        bool statuses = ExecutionEngine.MayCall(caller.Agent, agents.Tools.Get("getContainerStatus").Definition);
        return new ListResourcesResult
        {
            Resources =
            [
                new Resource { Uri = GuideUri, Name = "guide", Title = "Guide to Quilt for models", MimeType = Markdown, Description = "Lifecycles, strategies, cleanup, errors and worked examples." },
                new Resource { Uri = SystemUri, Name = "system", Title = "Host and limits", MimeType = Json, Description = "What getSystemMetrics tells." },
                new Resource { Uri = TopologyUri, Name = "topology", Title = "What reaches what", MimeType = Json, Description = "What getNetworkTopology tells." },
                .. engine.All().Where(r => statuses && caller.MayUse(r)).OrderBy(r => r.CreatedAt).Take(MostListed).Select(r => new Resource
                {
                    Uri = $"{Containers}{r.Id.Value}{Status}", Name = r.Name.Value, Title = $"Status of {r.Name}", MimeType = Json, Description = $"A container of {r.Spec.Image}.",
                }),
            ],
        };
    }

    internal static ListResourceTemplatesResult Templates() => new()
    {
        ResourceTemplates =
        [
            new ResourceTemplate { UriTemplate = $"{Containers}{{id}}{Status}", Name = "container-status", Title = "A container's status", MimeType = Json },
            new ResourceTemplate { UriTemplate = $"{Containers}{{id}}{Logs}", Name = "container-logs", Title = "The end of a container's log", MimeType = Json },
        ],
    };

    internal async Task<ReadResourceResult> ReadAsync(McpConnection connection, string uri, CancellationToken cancellation)
    {
        if (uri == GuideUri)
        {
            return Contents(uri, Markdown, Guide.Text);
        }

        (string Tool, string Arguments)? call = uri == SystemUri ? ("getSystemMetrics", "{}")
            : uri == TopologyUri ? ("getNetworkTopology", "{}")
            : Container(uri, Status) is { } status ? ("getContainerStatus", $$"""{"container":{{status}}}""")
            : Container(uri, Logs) is { } logs ? ("getContainerLogs", $$"""{"container":{{logs}},"tail":200}""")
            : null;
        if (call is not { } known)
        {
            throw new McpProtocolException($"Resource not found: {uri}", McpErrorCode.ResourceNotFound);
        }

        try
        {
            return Contents(uri, Json, await agents.CallAsync(connection.Call, known.Tool, JsonElement.Parse(known.Arguments), null, cancellation).ConfigureAwait(false));
        }
        catch (QuiltException e)
        {
            throw new McpProtocolException($"{e.Message} ({e.Code.WireName()}; {e.Remedy})", e.Code == ErrorCode.NotFound ? McpErrorCode.ResourceNotFound : McpErrorCode.InvalidParams);
        }
    }

    /// <summary>Names of containers, for who fills in a template.</summary>
    internal CompleteResult Complete(McpConnection connection, CompleteRequestParams asked)
    {
        Caller caller = connection.Authenticate();
        string[] names = asked is { Ref: ResourceTemplateReference, Argument.Name: "id" }
            ? [.. engine.All().Where(caller.MayUse).Select(r => r.Name.Value).Where(n => n.StartsWith(asked.Argument.Value, StringComparison.Ordinal)).Order(StringComparer.Ordinal).Take(100)]
            : [];
        return new CompleteResult { Completion = new Completion { Values = names, Total = names.Length, HasMore = false } };
    }

    /// <returns>The container as a JSON text; null where the URI is of another kind.</returns>
    private static string? Container(string uri, string kind) => uri.StartsWith(Containers, StringComparison.Ordinal) && uri.EndsWith(kind, StringComparison.Ordinal) && uri.Length > Containers.Length + kind.Length
        ? $"\"{JsonEncodedText.Encode(Uri.UnescapeDataString(uri[Containers.Length..^kind.Length]))}\""
        : null;

    private static ReadResourceResult Contents(string uri, string type, string text) => new() { Contents = [new TextResourceContents { Uri = uri, MimeType = type, Text = text }] };
}
