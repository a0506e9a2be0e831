using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;

namespace Quilt.Cognition.Tests.Providers;

/// <summary>A server on the loopback that answers as a provider would, one reply after another, the last one for ever, and keeps what it was asked.</summary>
internal sealed class ProviderServer : IAsyncDisposable
{
    private readonly WebApplication _application;
    private readonly List<ProviderRequest> _requests = [];
    private readonly Reply[] _replies;

    private ProviderServer(Reply[] replies)
    {
        _replies = replies;
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.WebHost.ConfigureKestrel(options => options.Limits.MaxRequestBodySize = null);
        _application = builder.Build();
        _application.Run(Answer);
    }

    public string Address => _application.Urls.Single();

    public IReadOnlyList<ProviderRequest> Requests
    {
        get
        {
            lock (_requests)
            {
                return [.. _requests];
            }
        }
    }

    public static async Task<ProviderServer> Start(params Reply[] replies)
    {
        ProviderServer server = new(replies);
        await server._application.StartAsync(TestContext.Current.CancellationToken);
        return server;
    }

    public async ValueTask DisposeAsync() => await _application.DisposeAsync();

    private async Task Answer(HttpContext context)
    {
        using StreamReader reader = new(context.Request.Body);
        string body = await reader.ReadToEndAsync();
        Reply reply;
        lock (_requests)
        {
            _requests.Add(new ProviderRequest(
                context.Request.Method, context.Request.Path + context.Request.QueryString, context.Request.Headers.ToDictionary(h => h.Key, h => h.Value.ToString(), StringComparer.OrdinalIgnoreCase), body));
            reply = _replies[Math.Min(_requests.Count, _replies.Length) - 1];
        }

        if (reply.Hangs)
        {
            await Task.Delay(Timeout.Infinite, context.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return;
        }

        context.Response.StatusCode = reply.Status;
        context.Response.ContentType = reply.ContentType;
        foreach ((string name, string value) in reply.Headers)
        {
            context.Response.Headers[name] = value;
        }

        await context.Response.WriteAsync(reply.Body);
    }
}

/// <param name="Path">With the query.</param>
internal sealed record ProviderRequest(string Method, string Path, IReadOnlyDictionary<string, string> Headers, string Body);

internal sealed record Reply(int Status, string Body)
{
    public string ContentType { get; init; } = "application/json";
    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>();

    /// <summary>Never answers.</summary>
    public bool Hangs { get; init; }

    public static Reply Ok(string body) => new(200, body);

    /// <summary>A failure that may be repeated at once.</summary>
    public static Reply Failure(int status, string body) => new(status, body) { Headers = new Dictionary<string, string> { ["Retry-After"] = "0" } };
}
