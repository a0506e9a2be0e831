#pragma warning disable MCP9005 // log messages: clients of before 2026-07-28 have no other way to hear
using Grpc.Core;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;
using Quilt.Api.V1;
using Quilt.Aria;
using Quilt.Engine;

namespace Quilt.Daemon;

/// <summary>The tools, guide and containers over the Model Context Protocol, by its official SDK.</summary>
internal sealed class McpFace(AgentLayer agents, ContainerEngine engine, ILoggerFactory loggers)
{
    private readonly McpTools _tools = new(agents);
    private readonly McpResources _resources = new(agents, engine);

    internal void Configure(McpServerOptions options, McpConnection connection)
    {
        options.ServerInfo = new Implementation { Name = "quilt", Title = "Quilt, the hermetic container runtime for agents", Version = DaemonVersion.Text };
        options.ServerInstructions =
            "Containers for you to create, run commands in, watch and remove. You alone decide on them: nothing runs before startContainer, and nothing is removed but by you or by what you declared (strategy, ttl). "
            + "Errors have a code, a field and a remedy. The resource quilt://guide explains it all."
            + (connection.Lazy ? " Here you see a few tools: find the others with listTools, read them with describeTool, call them with callTool." : "");
        options.Capabilities = new ServerCapabilities
        {
            Tools = new ToolsCapability(),
            Resources = new ResourcesCapability { ListChanged = connection.Stays },
            Prompts = new PromptsCapability(),
            Completions = new CompletionsCapability(),
            Logging = new LoggingCapability(),
        };
        options.Filters.Message.IncomingFilters.Add(McpParameters.Told);
        McpServerHandlers handlers = options.Handlers;
        handlers.ListToolsHandler = (_, _) => ValueTask.FromResult(_tools.List(connection));
        handlers.CallToolHandler = (request, cancellation) => new(_tools.CallAsync(connection, request, cancellation));
        handlers.ListResourcesHandler = (_, _) => ValueTask.FromResult(_resources.List(connection));
        handlers.ListResourceTemplatesHandler = (_, _) => ValueTask.FromResult(McpResources.Templates());
        handlers.ReadResourceHandler = (request, cancellation) => new(_resources.ReadAsync(connection, request.Params.Uri, cancellation));
        handlers.ListPromptsHandler = (_, _) => ValueTask.FromResult(McpPrompts.List());
        handlers.GetPromptHandler = (request, _) => ValueTask.FromResult(McpPrompts.Get(request.Params.Name));
        handlers.CompleteHandler = (request, _) => ValueTask.FromResult(_resources.Complete(connection, request.Params));
        handlers.SetLoggingLevelHandler = (_, _) => ValueTask.FromResult(new EmptyResult());
    }

    /// <summary>Serves a client until it goes; what happens meanwhile is told to it.</summary>
    internal async Task RunAsync(McpServer server, McpConnection connection, CancellationToken cancellation)
    {
        using CancellationTokenSource ended = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        Task telling = connection.Stays ? new McpNotifications(engine, server, connection).RunAsync(ended.Token) : Task.CompletedTask;
        try
        {
            await server.RunAsync(cancellation).ConfigureAwait(false);
        }
        finally
        {
            await ended.CancelAsync().ConfigureAwait(false);
            await telling.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Over a stream of messages. The end of the client's is the session's; its loss makes the session an orphan.</summary>
    internal Task ServeAsync(Call call, IAsyncStreamReader<McpMessage> requests, IServerStreamWriter<McpMessage> responses, CancellationToken cancellation)
    {
        Agent agent = agents.Admit(call, McpHttp.Path).Agent;
        return agents.Execution.WhileTokenLastsAsync(call, async held =>
        {
            using IDisposable? place = agents.Quotas.EnterConnection(agent);
            await ServeWhileAsync(call, requests, responses, held).ConfigureAwait(false);
            return true;
        }, cancellation);
    }

    private async Task ServeWhileAsync(Call call, IAsyncStreamReader<McpMessage> requests, IServerStreamWriter<McpMessage> responses, CancellationToken cancellation)
    {
        if (!await requests.MoveNext(cancellation).ConfigureAwait(false))
        {
            return;
        }

        McpConnection connection = new(agents, () => call, requests.Current.Lazy, stays: true);
        McpServerOptions options = new();
        Configure(options, connection);
        McpStreamTransport transport = new(requests, responses, cancellation);
        McpServer server = McpServer.Create(transport, options, loggers);
        await using (server.ConfigureAwait(false))
        {
            using CancellationTokenSource ended = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            Task serving = RunAsync(server, connection, ended.Token);
            bool completed = false;
            try
            {
                await transport.ReadAsync(cancellation).ConfigureAwait(false);
                completed = true;
            }
            finally
            {
                await ended.CancelAsync().ConfigureAwait(false);
                await serving.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                if (completed)
                {
                    await connection.EndAsync().ConfigureAwait(false);
                }
                else
                {
                    connection.Vanish();
                }
            }
        }
    }
}
