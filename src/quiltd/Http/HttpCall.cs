using Quilt.Aria;
using Quilt.Core;

namespace Quilt.Daemon;

/// <summary>What an HTTP request's headers say of it.</summary>
internal static class HttpCall
{
    internal static Call Of(HttpContext context, string? face = null)
    {
        IHeaderDictionary headers = context.Request.Headers;
        return Who(context, face) with
        {
            Session = headers["Quilt-Session"].FirstOrDefault(),
            IdempotencyKey = headers["Idempotency-Key"].FirstOrDefault(),
            TraceParent = headers.TraceParent.FirstOrDefault(),
            Timeout = headers["Quilt-Timeout"].FirstOrDefault() is { Length: > 0 } timeout ? DurationText.Parse(timeout, "Quilt-Timeout") : null,
        };
    }

    /// <summary>Who calls, and nothing else of it.</summary>
    internal static Call Who(HttpContext context, string? face)
    {
        bool dashboard = context.Features.Get<DashboardConnection>() is not null;
        return Bearer.Read(context.Request.Headers.Authorization, new Call(face ?? (dashboard ? "dashboard" : "http"))
        {
            OwnSocket = context.Features.Get<OwnSocket>() is not null,
            Dashboard = dashboard,
        });
    }
}
