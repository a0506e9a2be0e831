using System.Text.Json;
using System.Text.Json.Nodes;
using Quilt.Aria;
using Quilt.Core;
using Quilt.Engine;
using Quilt.Shim.Contract;

namespace Quilt.Daemon;

/// <summary>The tools over HTTP and JSON: one path for each, described by /openapi.json; server-sent events where there is more than one answer.</summary>
internal sealed partial class HttpFace(AgentLayer agents, ContainerEngine engine, ILogger<HttpFace> logger)
{
    private const string FromNow = "newest";
    private const string Json = "application/json";

    internal void Map(IEndpointRouteBuilder routes)
    {
        string document = OpenApi.Document(agents.Tools).ToJsonString();
        Map(routes, HttpMethods.Get, "/openapi.json", context => AnswerAsync(context, () => Task.FromResult(document)));
        Map(routes, HttpMethods.Get, "/v1/tools", context => AnswerAsync(context, () => CallAsync(context, "listTools", JsonElement.Parse("{}"), null)));
        Map(routes, HttpMethods.Get, "/v1/tools/{name}", context => AnswerAsync(
            context, () => CallAsync(context, "describeTool", JsonElement.Parse($$"""{"name":"{{JsonEncodedText.Encode(Name(context))}}"}"""), null)));
        Map(routes, HttpMethods.Post, "/v1/tools/{name}", context => WantsEvents(context) ? CallWithEventsAsync(context) : AnswerAsync(
            context, async () => await CallAsync(context, Name(context), await BodyAsync(context).ConfigureAwait(false), null).ConfigureAwait(false)));
        Map(routes, HttpMethods.Get, "/v1/containers/{name}/logs", context => StreamAsync(context, "getContainerLogs", LogsAsync));
        Map(routes, HttpMethods.Get, "/v1/events", context => StreamAsync(context, "getEvents", EventsAsync));
        Map(routes, HttpMethods.Get, "/v1/usage", context => StreamAsync(context, "getResourceUsage", UsageAsync));
        Map(routes, HttpMethods.Post, "/v1/containers/{name}/exec", ExecAsync);
        Map(routes, HttpMethods.Post, "/v1/uploads", UploadAsync);
        Map(routes, HttpMethods.Get, "/v1/downloads/{name}", DownloadAsync);
    }

    private static void Map(IEndpointRouteBuilder routes, string method, string path, Func<HttpContext, Task> answer) => routes.MapMethods(path, [method], new RequestDelegate(answer));

    private Task<string> CallAsync(HttpContext context, string tool, JsonElement arguments, IProgress<ToolProgress>? progress) =>
        agents.CallAsync(HttpCall.Of(context), tool, arguments, progress, context.RequestAborted);

    private Task AnswerAsync(HttpContext context, Func<Task<string>> answer) => ProblemDetails.GuardAsync(context, logger, async () =>
    {
        string result = await answer().ConfigureAwait(false);
        context.Response.ContentType = Json;
        await context.Response.WriteAsync(result, context.RequestAborted).ConfigureAwait(false);
    });

    /// <summary>Progress as it comes, then the result or the error.</summary>
    private Task CallWithEventsAsync(HttpContext context) => ProblemDetails.GuardAsync(context, logger, async () =>
    {
        JsonElement arguments = await BodyAsync(context).ConfigureAwait(false);
        ProgressChannel progress = new();
        Task<string> result = progress.CompleteWith(CallAsync(context, Name(context), arguments, progress));
        ServerSentEvents events = new(context, context.RequestAborted);
        await foreach (ToolProgress told in progress.ReadAllAsync(context.RequestAborted).ConfigureAwait(false))
        {
            JsonObject data = new() { ["progress"] = told.Progress, ["total"] = told.Total, ["message"] = told.Message, ["item"] = told.Item, ["stage"] = told.Stage };
            await events.SendAsync("progress", data.ToJsonString()).ConfigureAwait(false);
        }

        string answer = await result.ConfigureAwait(false);
        await events.SendAsync("result", answer).ConfigureAwait(false);
    });

    /// <summary>A stream of answers: under way, for limits and audit, until the last one.</summary>
    private Task StreamAsync(HttpContext context, string tool, Func<HttpContext, Caller, ServerSentEvents, CancellationToken, Task> body) => ProblemDetails.GuardAsync(context, logger, async () =>
    {
        string told() => Told.Of(("container", Name(context)), ("query", context.Request.QueryString.Value));
        await agents.Execution.RunAsync(HttpCall.Of(context), agents.Tools.Get(tool).Definition, new CallArguments(told, told), async (caller, cancellation) =>
        {
            await body(context, caller, new ServerSentEvents(context, cancellation), cancellation).ConfigureAwait(false);
            return true;
        }, null, context.RequestAborted).ConfigureAwait(false);
    });

    private async Task LogsAsync(HttpContext context, Caller caller, ServerSentEvents events, CancellationToken cancellation)
    {
        LogQuery query = LogQueryReader.Read(new GetContainerLogsArguments
        {
            Container = Name(context),
            Tail = Number(context, "tail") is { } tail ? LogQueryReader.Tail(tail) : null,
            Stream = context.Request.Query["stream"],
            Pattern = context.Request.Query["pattern"],
            Follow = Flag(context, "follow"),
            Cursor = context.Request.Headers["Last-Event-ID"].FirstOrDefault() ?? context.Request.Query["cursor"],
        });
        await foreach (LogEntry entry in engine.LogsAsync(caller.Container(Name(context), Access.Use).Id, query, cancellation).ConfigureAwait(false))
        {
            await events.SendAsync("line", LogLineView.Of(entry).ToJson(), entry.Next.ToString()).ConfigureAwait(false);
        }
    }

    private async Task EventsAsync(HttpContext context, Caller caller, ServerSentEvents events, CancellationToken cancellation)
    {
        long after = long.TryParse(context.Request.Headers["Last-Event-ID"].FirstOrDefault(), out long last) ? last
            : context.Request.Query["cursor"] == FromNow ? engine.LastEvent
            : Number(context, "cursor") ?? 0;
        string? container = context.Request.Query["container"].FirstOrDefault() is { Length: > 0 } key ? GetEventsTool.ContainerOf(key, caller) : null;
        await foreach (EngineEvent happened in engine.EventsAsync(after, container, Flag(context, "follow"), cancellation).ConfigureAwait(false))
        {
            if (caller.MayKnow(happened))
            {
                await events.SendAsync("event", EventView.Of(happened).ToJson(), happened.Cursor.ToString(System.Globalization.CultureInfo.InvariantCulture)).ConfigureAwait(false);
            }
        }
    }

    /// <summary>A command with its output as it comes; the client's going ends it.</summary>
    private Task ExecAsync(HttpContext context) => ProblemDetails.GuardAsync(context, logger, async () =>
    {
        JsonElement arguments = await BodyAsync(context).ConfigureAwait(false);
        ExecInContainerTool tool = (ExecInContainerTool)agents.Tools.Get("execInContainer");
        CallArguments told = new(() => Redaction.Redact(arguments, tool.Input), arguments.GetRawText);
        await agents.Execution.RunAsync(HttpCall.Of(context), tool.Definition, told, async (caller, cancellation) =>
        {
            ExecInContainerTool.Stream asked = tool.ReadForStream(arguments, Name(context));
            ContainerRecord record = caller.Container(Name(context), Access.Use);
            using IDisposable? place = await agents.Workloads.EnterExecAsync(caller, toBackground: false, cancellation).ConfigureAwait(false);
            using ProcessStream stream = await engine.ExecStreamAsync(record.Id, asked.Spec with { StdinOpen = asked.Stdin.Length > 0 }, cancellation).ConfigureAwait(false);
            ServerSentEvents events = new(context, cancellation);
            await events.SendAsync("started", new JsonObject { ["execId"] = stream.ExecId }.ToJsonString()).ConfigureAwait(false);
            Task feeding = FeedAsync(stream, asked.Stdin, cancellation);
            while (await stream.ReadAsync(cancellation).ConfigureAwait(false) is { } output)
            {
                if (output.Exit is { } exit)
                {
                    JsonObject end = new() { ["exitCode"] = exit.ExitCode, ["timedOut"] = exit.TimedOut };
                    await events.SendAsync("exit", end.ToJsonString()).ConfigureAwait(false);
                    await feeding.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                    return true;
                }

                // Bytes, which need be no text, and no whole characters.
                string name = output.Stream == LogStream.Stderr ? "stderr" : "stdout";
                await events.SendAsync(name, new JsonObject { ["base64"] = Convert.ToBase64String(output.Data.Span) }.ToJsonString()).ConfigureAwait(false);
            }

            await feeding.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            throw ProcessStream.Lost;
        }, null, context.RequestAborted).ConfigureAwait(false);
    });

    private static async Task FeedAsync(ProcessStream stream, byte[] stdin, CancellationToken cancellation)
    {
        if (stdin.Length > 0)
        {
            await stream.WriteAsync(stdin, cancellation).ConfigureAwait(false);
            await stream.CloseInputAsync(cancellation).ConfigureAwait(false);
        }
    }

    private async Task<JsonElement> BodyAsync(HttpContext context) => ToolArguments.Parse(await RequestBody.ReadAsync(context, agents).ConfigureAwait(false));

    private static string Name(HttpContext context) => context.Request.RouteValues["name"] as string ?? "";

    private static bool WantsEvents(HttpContext context) => context.Request.Headers.Accept.ToString().Contains("text/event-stream", StringComparison.OrdinalIgnoreCase);

    private static bool Flag(HttpContext context, string name) => context.Request.Query[name].FirstOrDefault() switch
    {
        null or "" or "false" or "0" => false,
        "true" or "1" => true,
        string other => throw QuiltException.Invalid(name, $"{name} '{other}' is no truth value", "give true or false"),
    };

    private static long? Number(HttpContext context, string name) => context.Request.Query[name].FirstOrDefault() is not { Length: > 0 } text ? null
        : long.TryParse(text, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out long number) ? number
        : throw QuiltException.Invalid(name, $"{name} '{text}' is no number", "give 0 or more");
}
