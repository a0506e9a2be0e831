using Microsoft.AspNetCore.Http;

namespace Quilt.Registry.Tests.Servers;

/// <summary>Between client and registry: passes on what goes through, but for what a test does to it.</summary>
internal sealed class FaultProxy : WebServer
{
    private static readonly HttpMessageInvoker Upstream = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = false });

    private FaultProxy(string upstream, Func<HttpContext, Pass, Task> fault)
        : base(context => fault(context, new Pass(context, upstream)), null)
    {
    }

    /// <param name="fault">Answers itself, or lets through what it is given.</param>
    public static async Task<FaultProxy> Start(string upstream, Func<HttpContext, Pass, Task> fault)
    {
        FaultProxy proxy = new(upstream, fault);
        await proxy.StartAsync();
        return proxy;
    }

    /// <summary>The request's way to the registry and back.</summary>
    internal sealed class Pass(HttpContext context, string upstream)
    {
        public bool IsBlob => context.Request.Method == "GET" && context.Request.Path.Value!.Contains("/blobs/sha256:", StringComparison.Ordinal);

        public bool IsManifest => context.Request.Path.Value!.Contains("/manifests/", StringComparison.Ordinal);

        /// <summary>Unchanged.</summary>
        public async Task Through()
        {
            using HttpResponseMessage response = await Send(context.Request.Headers.Range.ToString());
            await Begin(response, response.Content.Headers.ContentLength);
            await response.Content.CopyToAsync(context.Response.Body, context.RequestAborted);
        }

        /// <summary>The whole of it in memory, from where the client asked.</summary>
        public async Task<byte[]> Content(bool ignoreRange = false)
        {
            using HttpResponseMessage response = await Send(ignoreRange ? null : context.Request.Headers.Range.ToString());
            byte[] content = await response.Content.ReadAsByteArrayAsync();
            await Begin(response, response.Content.Headers.ContentLength);
            return content;
        }

        private async Task<HttpResponseMessage> Send(string? range)
        {
            HttpRequest request = context.Request;
            using HttpRequestMessage message = new(new HttpMethod(request.Method), $"http://{upstream}{request.Path}{request.QueryString}");
            message.Headers.Host = request.Host.Value;
            if (request.ContentLength is > 0 || request.Method is "PUT" or "PATCH" or "POST")
            {
                message.Content = new StreamContent(request.Body);
                message.Content.Headers.ContentLength = request.ContentLength ?? 0;
            }

            foreach (string name in new[] { "Accept", "Authorization", "Content-Type", "Content-Range" })
            {
                if (request.Headers.TryGetValue(name, out var values) && !message.Headers.TryAddWithoutValidation(name, values.ToArray()))
                {
                    message.Content?.Headers.TryAddWithoutValidation(name, values.ToArray());
                }
            }

            if (!string.IsNullOrEmpty(range))
            {
                message.Headers.TryAddWithoutValidation("Range", range);
            }

            return await Upstream.SendAsync(message, context.RequestAborted);
        }

        private Task Begin(HttpResponseMessage response, long? length)
        {
            context.Response.StatusCode = (int)response.StatusCode;
            foreach ((string name, IEnumerable<string> values) in response.Headers.Concat(response.Content.Headers).Where(h => h.Key is not ("Transfer-Encoding" or "Content-Length")))
            {
                context.Response.Headers[name] = values.ToArray();
            }

            context.Response.ContentLength = context.Request.Method == "HEAD" || response.StatusCode != System.Net.HttpStatusCode.NoContent ? length : null;
            return Task.CompletedTask;
        }
    }
}
