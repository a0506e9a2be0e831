using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Quilt.Registry.Tests.Servers;

/// <summary>A server that answers as the test says and keeps what it was asked.</summary>
internal class WebServer : IAsyncDisposable
{
    private readonly WebApplication _application;
    private readonly List<SeenRequest> _seen = [];
    private readonly Func<HttpContext, Task> _answer;

    protected WebServer(Func<HttpContext, Task> answer, IPAddress? at)
    {
        _answer = answer;
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(options =>
        {
            options.Listen(at ?? IPAddress.Loopback, 0);
            options.Limits.MaxRequestBodySize = null;
            options.Limits.MinRequestBodyDataRate = null;
            options.Limits.MinResponseDataRate = null;
        });
        _application = builder.Build();
        _application.Run(AnswerAsync);
    }

    /// <summary>HOST:PORT.</summary>
    public string Address => new Uri(_application.Urls.Single()).Authority;

    public IReadOnlyList<SeenRequest> Seen
    {
        get
        {
            lock (_seen)
            {
                return [.. _seen];
            }
        }
    }

    public static async Task<WebServer> Start(Func<HttpContext, Task> answer, IPAddress? at = null)
    {
        WebServer server = new(answer, at);
        await server.StartAsync();
        return server;
    }

    public static Task<WebServer> Start(Action<HttpContext> answer, IPAddress? at = null) => Start(context =>
    {
        answer(context);
        return Task.CompletedTask;
    }, at);

    protected Task StartAsync() => _application.StartAsync(TestContext.Current.CancellationToken);

    public async ValueTask DisposeAsync()
    {
        await _application.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    private Task AnswerAsync(HttpContext context)
    {
        lock (_seen)
        {
            _seen.Add(new SeenRequest(context.Request.Method, context.Request.Path + context.Request.QueryString, context.Request.Headers.Authorization.ToString(), context.Request.Headers.Range.ToString()));
        }

        return _answer(context);
    }
}

/// <param name="Path">With its query.</param>
internal sealed record SeenRequest(string Method, string Path, string Authorization, string Range);
