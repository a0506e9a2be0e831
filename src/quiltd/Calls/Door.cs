using System.Globalization;
using System.Text.Json;
using Grpc.AspNetCore.Server;
using Grpc.Core;
using Microsoft.AspNetCore.Authorization;
using Quilt.Aria;
using Quilt.Core;

namespace Quilt.Daemon;

/// <summary>
/// Where others than the daemon's own sockets lead in, nobody gets further who is not known: nothing is read of what such a one sends, and nothing
/// is answered but that. What says itself who calls, later on, is marked (<see cref="IAllowAnonymous"/>).
/// </summary>
internal static class Door
{
    internal static void Use(WebApplication app, AgentLayer agents) => app.UseWhen(
        context => context.Features.Get<OwnSocket>() is null && context.GetEndpoint()?.Metadata.GetMetadata<IAllowAnonymous>() is null,
        branch => branch.Use(async (context, next) =>
        {
            try
            {
                Admit(context, agents);
            }
            catch (QuiltException e)
            {
                await (GrpcOf(context) is null ? ProblemDetails.AnswerAsync(context, e) : AnswerAsync(context.Response, e.ToRpc())).ConfigureAwait(false);
                return;
            }

            await next(context).ConfigureAwait(false);
        }));

    /// <exception cref="QuiltException">Unauthenticated.</exception>
    internal static Caller Admit(HttpContext context, AgentLayer agents)
    {
        GrpcMethodMetadata? grpc = GrpcOf(context);
        string? face = grpc is not null ? "grpc" : context.Request.Path.StartsWithSegments(McpHttp.Path, StringComparison.Ordinal) ? "mcp" : null;
        return agents.Admit(HttpCall.Who(context, face), grpc is null ? WantedOf(context) : JsonNamingPolicy.CamelCase.ConvertName(grpc.Method.Name));
    }

    /// <summary>The method that a call of gRPC is for; null where it is none.</summary>
    internal static GrpcMethodMetadata? GrpcOf(HttpContext context) => context.GetEndpoint()?.Metadata.GetMetadata<GrpcMethodMetadata>();

    private static string WantedOf(HttpContext context) => context.Request.RouteValues["name"] is string name && context.Request.Path.StartsWithSegments("/v1/tools", StringComparison.Ordinal) ? name : context.Request.Path.ToString();

    /// <summary>As the interceptor of errors would: without a body, the trailers are the headers ("Trailers-Only").</summary>
    private static Task AnswerAsync(HttpResponse response, RpcException failure)
    {
        response.ContentType = "application/grpc";
        response.Headers.GrpcStatus = ((int)failure.StatusCode).ToString(CultureInfo.InvariantCulture);
        response.Headers.GrpcMessage = Uri.EscapeDataString(failure.Status.Detail);
        foreach (Metadata.Entry more in failure.Trailers)
        {
            response.Headers[more.Key] = more.IsBinary ? Convert.ToBase64String(more.ValueBytes) : more.Value;
        }

        return response.CompleteAsync();
    }
}
