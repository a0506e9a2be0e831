using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Quilt.Aria;
using Quilt.Core;

namespace Quilt.Daemon;

/// <summary>What is answered on the dashboard's address: its files to everybody on this host, a token to whoever has a link's code, and /v1 to whoever has a token; nothing else.</summary>
internal static class DashboardFace
{
    // Here a page brings the code of its link, as others bring a token, and gets the token.
    private const string EntryPath = "/enter";

    // In the page, in place of the number that its style sheets made at run time have to know.
    private const string NonceMark = "{nonce}";
    private const int NonceBytes = 16;

    internal static void Use(WebApplication app, DashboardEndpoint endpoint, AgentLayer agents, ILogger logger) => app.UseWhen(
        context => context.Features.Get<DashboardConnection>() is not null,
        branch =>
        {
            branch.UseWebSockets();
            branch.Use((context, next) => ProblemDetails.GuardAsync(context, logger, async () =>
            {
                string nonce = Convert.ToBase64String(RandomNumberGenerator.GetBytes(NonceBytes));
                SetHeaders(context.Response.Headers, nonce, endpoint);
                CheckOrigin(context.Request, endpoint);
                if (context.Request.Path.StartsWithSegments("/v1", StringComparison.Ordinal))
                {
                    await next(context).ConfigureAwait(false);
                    return;
                }

                if (HttpMethods.IsPost(context.Request.Method) && context.Request.Path == EntryPath)
                {
                    await EnterAsync(context, agents).ConfigureAwait(false);
                    return;
                }

                if (!HttpMethods.IsGet(context.Request.Method) || DashboardAssets.TryGet(context.Request.Path.Value ?? "") is not { } asset)
                {
                    throw new QuiltException(ErrorCode.NotFound, "there is nothing here", $"open {endpoint.Url}");
                }

                byte[] content = asset.IsPage ? Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(asset.Content).Replace(NonceMark, nonce, StringComparison.Ordinal)) : asset.Content;
                context.Response.ContentType = asset.Type;
                context.Response.ContentLength = content.Length;
                await context.Response.Body.WriteAsync(content, context.RequestAborted).ConfigureAwait(false);
            }));
        });

    private static Task EnterAsync(HttpContext context, AgentLayer agents)
    {
        string token = agents.AdmitByLink(HttpCall.Who(context, null), EntryPath);
        context.Response.ContentType = "application/json";
        return context.Response.WriteAsync(new JsonObject { ["token"] = token }.ToJsonString(), context.RequestAborted);
    }

    /// <summary>Nothing runs in the page that is not one of our files, text of containers is never markup (Trusted Types), and no other page embeds it.</summary>
    private static void SetHeaders(IHeaderDictionary headers, string nonce, DashboardEndpoint endpoint)
    {
        string sockets = string.Join(' ', endpoint.Hosts.Select(h => $"ws://{h}"));
        headers.ContentSecurityPolicy =
            $"default-src 'none'; script-src 'self'; style-src 'self' 'nonce-{nonce}'; style-src-attr 'unsafe-inline'; img-src 'self'; connect-src 'self' {sockets}; "
            + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'";
        headers.XContentTypeOptions = "nosniff";
        headers.XFrameOptions = "DENY";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        headers.CacheControl = "no-store";
    }

    /// <summary>A page of somebody else's gets nothing: neither by a name of its own that leads here (DNS rebinding), nor by asking across origins.</summary>
    private static void CheckOrigin(HttpRequest request, DashboardEndpoint endpoint)
    {
        string host = request.Headers.Host.ToString();
        if (!endpoint.Hosts.Contains(host, StringComparer.OrdinalIgnoreCase))
        {
            throw Foreign("Host", host, endpoint);
        }

        if (request.Headers.Origin.FirstOrDefault() is { } origin && !string.Equals(origin, $"http://{host}", StringComparison.OrdinalIgnoreCase))
        {
            throw Foreign("Origin", origin, endpoint);
        }
    }

    private static QuiltException Foreign(string header, string value, DashboardEndpoint endpoint) => new(
        ErrorCode.PermissionDenied, $"the {header} '{(value.Length > 128 ? value[..128] : value)}' is not the dashboard's", $"open {endpoint.Url}", header);
}
