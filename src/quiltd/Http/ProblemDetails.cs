using System.Text.Json.Nodes;
using Quilt.Core;

namespace Quilt.Daemon;

/// <summary>Errors over HTTP (RFC 9457), with our code, field and remedy.</summary>
internal static partial class ProblemDetails
{
    /// <summary>Gives what nothing answers, or nothing takes, an answer as others have it: the path or method is unknown, the body too large.</summary>
    internal static void AnswerWhatIsUnknown(IApplicationBuilder app) => app.UseStatusCodePages(async pages =>
    {
        HttpContext context = pages.HttpContext;
        (int status, string path) = (context.Response.StatusCode, context.Request.Path.ToString());
        QuiltException? problem = status switch
        {
            StatusCodes.Status404NotFound => new QuiltException(ErrorCode.NotFound, $"nothing is at '{path}'", "see /openapi.json for what there is", "path"),
            StatusCodes.Status405MethodNotAllowed => QuiltException.Invalid("method", $"'{path}' does not take {context.Request.Method}", $"use {context.Response.Headers.Allow}"),
            StatusCodes.Status413PayloadTooLarge => QuiltException.Invalid("body", "the body is too long", $"send at most {RequestBody.Longest} bytes in one call"),
            _ => null, // 401 and the like are answered where they are decided
        };
        if (problem is not null)
        {
            await AnswerAsync(context, problem, status).ConfigureAwait(false);
        }
    });

    /// <summary>Does it, and answers with the problem where there is one.</summary>
    internal static async Task GuardAsync(HttpContext context, ILogger logger, Func<Task> act)
    {
        try
        {
            await act().ConfigureAwait(false);
        }
        catch (QuiltException e)
        {
            await AnswerAsync(context, e).ConfigureAwait(false);
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or BadHttpRequestException && context.RequestAborted.IsCancellationRequested)
        {
            // Nobody is there to hear of it.
        }
        catch (BadHttpRequestException e)
        {
            await AnswerAsync(context, QuiltException.Invalid("body", $"the request cannot be read: {e.Message}", "send a well-formed request, and less in one call")).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            LogUnforeseen(logger, e, context.Request.Path);
            await AnswerAsync(context, new QuiltException(ErrorCode.Internal, "an error inside quiltd", "see quiltd's log, and report it")).ConfigureAwait(false);
        }
    }

    /// <param name="exactly">A status of HTTP that says more than our code does.</param>
    internal static async Task AnswerAsync(HttpContext context, QuiltException failure, int? exactly = null)
    {
        int status = exactly ?? failure.Code.HttpStatus();
        JsonObject problem = ErrorJson.Object(failure);
        problem["type"] = $"urn:quilt:error:{failure.Code.WireName()}";
        problem["title"] = failure.Code.WireName().Replace('_', ' ');
        problem["status"] = status;
        problem["detail"] = failure.Message;
        if (context.Response.HasStarted)
        {
            // A stream that was under way ends with it.
            await new ServerSentEvents(context, context.RequestAborted).SendAsync("error", ErrorJson.Text(problem)).ConfigureAwait(false);
            return;
        }

        context.Response.StatusCode = status;
        if (status == StatusCodes.Status401Unauthorized)
        {
            context.Response.Headers.WWWAuthenticate = "Bearer realm=\"quilt\"";
        }

        context.Response.ContentType = "application/problem+json";
        await context.Response.WriteAsync(ErrorJson.Text(problem), context.RequestAborted).ConfigureAwait(false);
    }

    [LoggerMessage(EventId = 101, Level = LogLevel.Error, Message = "{Path} failed")]
    private static partial void LogUnforeseen(ILogger logger, Exception failure, string path);
}
