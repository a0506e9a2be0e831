using System.Collections.Concurrent;
using System.Security.Claims;
using Microsoft.AspNetCore.Http.Extensions;
using Microsoft.AspNetCore.Http.Features;
using ModelContextProtocol.AspNetCore;
using ModelContextProtocol.Server;
using Quilt.Aria;
using Quilt.Core;

namespace Quilt.Daemon;

/// <summary>The Model Context Protocol at /mcp (streamable HTTP): every request is authenticated, and a session is its agent's alone.</summary>
internal static class McpHttp
{
    internal const string Path = "/mcp";
    private const string SessionHeader = "Mcp-Session-Id";

    // The request that a handler runs in: another one than the session's first, with a token of its own.
    private static readonly AsyncLocal<Call?> Present = new();
    private static readonly ConcurrentDictionary<string, McpConnection> Connections = new(StringComparer.Ordinal);

    internal static void Add(IServiceCollection services, Func<McpFace> face, Func<AgentLayer> agents)
    {
        services.AddMcpServer().WithHttpTransport(http =>
        {
            http.SessionMode = HttpServerSessionMode.StatefulForInitializeClients;
            http.ConfigureSessionOptions = (context, options, _) =>
            {
                bool stays = context.Request.Headers["MCP-Protocol-Version"].FirstOrDefault() is not { } version || string.CompareOrdinal(version, "2026-07-28") < 0;
                Call first = Present.Value!;
                McpConnection connection = new(agents(), () => Present.Value ?? first, Flag(context, "lazy"), stays);
                context.Items[typeof(McpConnection)] = connection;
                face().Configure(options, connection);
                return Task.CompletedTask;
            };
#pragma warning disable MCP9006 // of clients that begin a session with a handshake, which are those that there are
            http.MaxIdleSessionCount = int.MaxValue; // each agent's are bounded: nobody's push out another's
#pragma warning restore MCP9006
#pragma warning disable MCPEXP002 // how a session ends is told in no other way
            http.RunSessionHandler = (context, server, cancellation) =>
            {
                McpConnection connection = (McpConnection)context.Items[typeof(McpConnection)]!;
                return RunAsync(face(), server, connection, connection.Stays ? agents().Quotas.EnterConnection(connection.Authenticate().Agent) : null, cancellation);
            };
#pragma warning restore MCPEXP002
        });
    }

    /// <param name="place">Given back when it has ended.</param>
    private static async Task RunAsync(McpFace face, McpServer server, McpConnection connection, IDisposable? place, CancellationToken cancellation)
    {
        using IDisposable? held = place;
        if (server.SessionId is { } id)
        {
            Connections[id] = connection;
        }

        try
        {
            await face.RunAsync(server, connection, cancellation).ConfigureAwait(false);
        }
        finally
        {
            // Removed before by a client that ended it.
            if (server.SessionId is { } ended && Connections.TryRemove(ended, out _))
            {
                connection.Vanish();
            }
        }
    }

    internal static void Map(WebApplication app, AgentLayer agents, IReadOnlyCollection<string> names, ILogger logger)
    {
        app.UseWhen(context => context.Request.Path.StartsWithSegments(Path, StringComparison.Ordinal), branch => branch.Use((context, next) => ProblemDetails.GuardAsync(context, logger, async () =>
        {
            CheckOrigin(context, names);
            if (HttpMethods.IsPost(context.Request.Method) && !context.Request.HasJsonContentType())
            {
                // RFC 9110, 15.5.16; a client looks at the status for what it did wrong, before it looks at our code.
                string told = context.Request.ContentType is { Length: > 0 } type ? $"the Content-Type '{Text.Printable(type)}' is not JSON" : "the request has no Content-Type";
                await ProblemDetails.AnswerAsync(context, QuiltException.Invalid("Content-Type", told, "send 'Content-Type: application/json'"), StatusCodes.Status415UnsupportedMediaType).ConfigureAwait(false);
                return;
            }

            Call call = HttpCall.Of(context, "mcp");
            Caller caller = agents.Admit(call, Path);

            // Whose a session is: another's id of it is not found.
            context.User = new ClaimsPrincipal(new ClaimsIdentity([new Claim(ClaimTypes.NameIdentifier, $"agent:{caller.Agent.Id}")], "quilt"));
            Present.Value = call;
            McpConnection? ending = HttpMethods.IsDelete(context.Request.Method) && context.Request.Headers[SessionHeader].FirstOrDefault() is { } id
                && Connections.TryGetValue(id, out McpConnection? known) && known.Authenticate().Agent.Id == caller.Agent.Id && Connections.TryRemove(id, out known) ? known : null;

            // Read here: the library would read it whole, whatever its length and whatever else its agent sends.
            context.Features.Get<IHttpMaxRequestBodySizeFeature>()!.MaxRequestBodySize = RequestBody.Longest;
            if (HttpMethods.IsPost(context.Request.Method))
            {
                context.Request.Body = new MemoryStream(await RequestBody.ReadAsync(context, agents).ConfigureAwait(false), writable: false);
            }

            try
            {
                await NextAsync(context, next, agents, call).ConfigureAwait(false);
            }
            catch (Exception e) when (McpJson.IsWrong(e))
            {
                throw QuiltException.Invalid("body", $"the body is no message of the protocol: {Text.Printable(e.Message)}", "send one JSON-RPC message as the protocol has it");
            }

            if (ending is not null)
            {
                await ending.EndAsync().ConfigureAwait(false);
            }
        })));
        app.MapMcp(Path);
    }

    /// <summary>The stream on which a client is told of things ends with its token; the calls of other requests do by themselves.</summary>
    private static Task NextAsync(HttpContext context, RequestDelegate next, AgentLayer agents, Call call) => !HttpMethods.IsGet(context.Request.Method) ? next(context)
        : agents.Execution.WhileTokenLastsAsync(call, async held =>
        {
            using CancellationTokenRegistration ending = held.Register(context.Abort);
            await next(context).ConfigureAwait(false);
            return true;
        }, context.RequestAborted);

    /// <summary>A page in a browser must not get here by a name that leads to this host (DNS rebinding).</summary>
    private static void CheckOrigin(HttpContext context, IReadOnlyCollection<string> names)
    {
        if (context.Features.Get<OwnSocket>() is null && !names.Contains(context.Request.Host.Host))
        {
            throw Foreign("Host", context.Request.Host.Host);
        }

        if (context.Request.Headers.Origin.FirstOrDefault() is { } origin && !(Uri.TryCreate(origin, UriKind.Absolute, out Uri? from) && names.Contains(from.Host.Trim('[', ']'))))
        {
            throw Foreign("Origin", origin);
        }
    }

    private static QuiltException Foreign(string header, string value) => new(
        ErrorCode.PermissionDenied, $"the {header} '{(value.Length > 128 ? value[..128] : value)}' is none of this daemon's names", "use one of them, or name it with --http-name", header);

    private static bool Flag(HttpContext context, string name) => context.Request.Query[name].FirstOrDefault() is "1" or "true";
}
