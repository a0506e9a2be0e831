namespace Quilt.Daemon;

/// <summary>Answers one after the other, as browsers and others read them (HTML, 9.2). A slow reader holds its own stream up and nobody else's.</summary>
/// <param name="cancellation">Of the request, or of what it was opened with.</param>
internal sealed class ServerSentEvents(HttpContext context, CancellationToken cancellation)
{
    /// <param name="data">JSON, which has no line breaks.</param>
    /// <param name="id">What the client sends as Last-Event-ID to go on after it.</param>
    internal async Task SendAsync(string name, string data, string? id = null)
    {
        if (!context.Response.HasStarted)
        {
            context.Response.ContentType = "text/event-stream";
            context.Response.Headers.CacheControl = "no-store";
        }

        await context.Response.WriteAsync($"event: {name}\n{(id is null ? "" : $"id: {id}\n")}data: {data}\n\n", cancellation).ConfigureAwait(false);
        await context.Response.Body.FlushAsync(cancellation).ConfigureAwait(false);
    }
}
