using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Quilt.Aria;
using Quilt.Core;
using Quilt.Engine;
using Quilt.Shim.Contract;

namespace Quilt.Daemon;

/// <summary>
/// A command with a terminal, over a WebSocket. Its first message is a JSON text with the token, which a browser cannot put into a header, the command
/// and the window; then bytes are input, and a text resizes it. What comes back: bytes of output, and a text that tells of the start, the exit or an error.
/// </summary>
internal sealed class TerminalSocket(AgentLayer agents, ContainerEngine engine)
{
    private const int LargestMessage = 64 << 10;
    private static readonly TimeSpan PatienceForTheFirst = TimeSpan.FromSeconds(10), PatienceForTheLast = TimeSpan.FromSeconds(5);

    internal void Map(IEndpointRouteBuilder routes) =>
        routes.MapMethods("/v1/containers/{name}/terminal", [HttpMethods.Get], new RequestDelegate(ServeAsync)).AllowAnonymous(); // its first message says who calls

    private async Task ServeAsync(HttpContext context)
    {
        if (context.Features.Get<DashboardConnection>() is null || !context.WebSockets.IsWebSocketRequest)
        {
            await ProblemDetails.AnswerAsync(context, new QuiltException(ErrorCode.FailedPrecondition, "the terminal is a WebSocket of the dashboard's", "use 'quilt exec -it', or POST /v1/containers/NAME/exec")).ConfigureAwait(false);
            return;
        }

        using WebSocket socket = await context.WebSockets.AcceptWebSocketAsync().ConfigureAwait(false);
        try
        {
            try
            {
                await RunAsync(context, socket).ConfigureAwait(false);
            }
            catch (QuiltException e) when (socket.State is WebSocketState.Open or WebSocketState.CloseReceived)
            {
                await SendAsync(socket, new JsonObject { ["error"] = ErrorJson.Object(e) }, context.RequestAborted).ConfigureAwait(false);
            }

            await CloseAsync(socket, context.RequestAborted).ConfigureAwait(false);
        }
        catch (Exception e) when (e is OperationCanceledException or WebSocketException or IOException or QuiltException)
        {
            // The browser has gone, and the command with it; or it was told already.
        }
    }

    private async Task RunAsync(HttpContext context, WebSocket socket)
    {
        JsonElement first = await FirstAsync(socket, context.RequestAborted).ConfigureAwait(false);
        string container = context.Request.RouteValues["name"] as string ?? "";
        ExecInContainerTool tool = (ExecInContainerTool)agents.Tools.Get("execInContainer");
        JsonObject asked = new() { ["command"] = first.TryGetProperty("command", out JsonElement command) ? JsonNode.Parse(command.GetRawText()) : new JsonArray("sh"), ["tty"] = true };
        JsonElement arguments = JsonElement.Parse(asked.ToJsonString());
        asked["container"] = container;
        JsonElement whole = JsonElement.Parse(asked.ToJsonString());
        string told() => Redaction.Redact(whole, tool.Input);
        Call call = HttpCall.Of(context) with { Token = first.TryGetProperty("token", out JsonElement token) && token.ValueKind == JsonValueKind.String ? token.GetString() : null };
        await agents.Execution.RunAsync(call, tool.Definition, new CallArguments(told, told), async (caller, cancellation) =>
        {
            ExecSpec spec = tool.ReadForStream(arguments, container).Spec with { StdinOpen = true, Window = WindowOf(first) };
            ContainerRecord record = caller.Container(container, Access.Use);
            using IDisposable? place = await agents.Workloads.EnterExecAsync(caller, toBackground: false, cancellation).ConfigureAwait(false);
            using ProcessStream stream = await engine.ExecStreamAsync(record.Id, spec, cancellation).ConfigureAwait(false);
            await JoinAsync(stream, socket, cancellation, context.RequestAborted).ConfigureAwait(false);
            cancellation.ThrowIfCancellationRequested();
            return true;
        }, null, context.RequestAborted).ConfigureAwait(false);
    }

    /// <summary>Until the command has ended, its token has, or the browser goes. The stream is nobody's after it.</summary>
    /// <param name="cancellation">Also of the token's end.</param>
    /// <param name="gone">Of the browser's going alone.</param>
    private static async Task JoinAsync(ProcessStream stream, WebSocket socket, CancellationToken cancellation, CancellationToken gone)
    {
        await SendAsync(socket, new JsonObject { ["started"] = true }, cancellation).ConfigureAwait(false);

        // Not of the token's end: cancelled, a sending or receiving aborts the socket, which is to say first why it closes.
        using CancellationTokenSource ended = CancellationTokenSource.CreateLinkedTokenSource(gone);
        Task feeding = FeedAsync(stream, socket, ended, cancellation);
        try
        {
            using CancellationTokenSource copying = CancellationTokenSource.CreateLinkedTokenSource(ended.Token, cancellation);
            JsonObject last;
            try
            {
                last = await CopyAsync(stream, socket, copying.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (cancellation.IsCancellationRequested && !gone.IsCancellationRequested)
            {
                stream.Dispose(); // and the command ends with it, before anybody is told
                last = new JsonObject { ["error"] = ErrorJson.Object(TokenEnded) };
            }

            await SendAsync(socket, last, ended.Token).ConfigureAwait(false);
            await CloseAsync(socket, ended.Token).ConfigureAwait(false);

            // Cancelled, the receiving of the browser's own close would abort the socket, and with it what was sent last.
            await feeding.WaitAsync(PatienceForTheLast, gone).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        finally
        {
            await ended.CancelAsync().ConfigureAwait(false);
            await feeding.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <returns>How it ended.</returns>
    private static async Task<JsonObject> CopyAsync(ProcessStream stream, WebSocket socket, CancellationToken cancellation)
    {
        while (await stream.ReadAsync(cancellation).ConfigureAwait(false) is { } output)
        {
            if (output.Exit is { } exit)
            {
                return new JsonObject { ["exitCode"] = exit.ExitCode };
            }

            await socket.SendAsync(output.Data, WebSocketMessageType.Binary, endOfMessage: true, cancellation).ConfigureAwait(false);
        }

        return new JsonObject { ["error"] = ErrorJson.Object(ProcessStream.Lost) };
    }

    /// <summary>What the browser sends; ends the command where that goes, or says what it may not.</summary>
    private static async Task FeedAsync(ProcessStream stream, WebSocket socket, CancellationTokenSource ended, CancellationToken cancellation)
    {
        byte[] buffer = new byte[LargestMessage];
        try
        {
            while (await ReceiveAsync(socket, buffer, ended.Token).ConfigureAwait(false) is { } message)
            {
                if (message.Type == WebSocketMessageType.Binary)
                {
                    await stream.WriteAsync(buffer.AsMemory(0, message.Bytes), cancellation).ConfigureAwait(false);
                }
                else if (WindowOf(Parse(buffer.AsMemory(0, message.Bytes))) is { } window)
                {
                    await stream.ResizeAsync(window, cancellation).ConfigureAwait(false);
                }
            }
        }
        catch (Exception e) when (e is OperationCanceledException or WebSocketException or IOException or ObjectDisposedException or QuiltException)
        {
            // The command, or the browser, has gone.
        }

        await ended.CancelAsync().ConfigureAwait(false);
    }

    private static async Task<JsonElement> FirstAsync(WebSocket socket, CancellationToken cancellation)
    {
        using CancellationTokenSource patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        patience.CancelAfter(PatienceForTheFirst);
        byte[] buffer = new byte[LargestMessage];
        return await ReceiveAsync(socket, buffer, patience.Token).ConfigureAwait(false) is { Type: WebSocketMessageType.Text, Bytes: var bytes }
            ? Parse(buffer.AsMemory(0, bytes))
            : throw Unexpected();
    }

    /// <returns>Null at the end.</returns>
    private static async Task<(WebSocketMessageType Type, int Bytes)?> ReceiveAsync(WebSocket socket, byte[] buffer, CancellationToken cancellation)
    {
        int bytes = 0;
        while (true)
        {
            ValueWebSocketReceiveResult result = await socket.ReceiveAsync(buffer.AsMemory(bytes), cancellation).ConfigureAwait(false);
            bytes += result.Count;
            if (result.MessageType == WebSocketMessageType.Close)
            {
                return null;
            }

            if (result.EndOfMessage)
            {
                return (result.MessageType, bytes);
            }

            if (bytes == buffer.Length)
            {
                throw QuiltException.Invalid("message", $"a message is longer than {LargestMessage} bytes", "send it in parts");
            }
        }
    }

    private static JsonElement Parse(ReadOnlyMemory<byte> text)
    {
        try
        {
            JsonElement message = JsonUnicode.IsWhole(text.Span) ? JsonElement.Parse(text.Span) : default;
            return message.ValueKind == JsonValueKind.Object ? message : throw Unexpected();
        }
        catch (JsonException)
        {
            throw Unexpected();
        }
    }

    private static WindowSize? WindowOf(JsonElement message) =>
        Number(message, "columns") is { } columns && Number(message, "rows") is { } rows ? new WindowSize(columns, rows) : null;

    private static ushort? Number(JsonElement message, string name) =>
        message.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.Number && value.TryGetUInt16(out ushort number) && number > 0 ? number : null;

    private static Task SendAsync(WebSocket socket, JsonObject message, CancellationToken cancellation) =>
        socket.SendAsync(Encoding.UTF8.GetBytes(message.ToJsonString()), WebSocketMessageType.Text, endOfMessage: true, cancellation);

    private static async Task CloseAsync(WebSocket socket, CancellationToken cancellation)
    {
        if (socket.State is WebSocketState.Open or WebSocketState.CloseReceived)
        {
            await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, cancellation).ConfigureAwait(false);
        }
    }

    private static QuiltException TokenEnded => new(ErrorCode.Unauthenticated, "the token that the terminal was opened with has ended", "open the dashboard anew: quilt dashboard");

    private static QuiltException Unexpected() => QuiltException.Invalid("message", "the message is not what is expected here", """send {"token": …, "command": […], "columns": …, "rows": …} first, then bytes""");
}
