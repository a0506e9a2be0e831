using Quilt.Aria;
using Quilt.Core;

namespace Quilt.Daemon;

/// <summary>Bodies of requests that are read whole. What an agent's take in memory before their calls are counted is bounded.</summary>
internal static class RequestBody
{
    internal const int Longest = 16 << 20;

    /// <exception cref="QuiltException">InvalidArgument: it is too long; ResourceExhausted: the agent has too much that is just read; Unauthenticated.</exception>
    internal static async Task<byte[]> ReadAsync(HttpContext context, AgentLayer agents)
    {
        using BodyPlace place = PlaceOf(context, agents);
        using MemoryStream body = new();
        byte[] buffer = new byte[16 << 10];
        while (await context.Request.Body.ReadAsync(buffer, context.RequestAborted).ConfigureAwait(false) is var read and > 0)
        {
            place.Hold(body.Length + read);
            body.Write(buffer, 0, read);
            if (body.Length > Longest)
            {
                throw QuiltException.Invalid("arguments", $"the body is longer than {Longest} bytes", "send less in one call");
            }
        }

        return body.ToArray();
    }

    internal static BodyPlace PlaceOf(HttpContext context, AgentLayer agents) => new(agents.Quotas, () => Door.Admit(context, agents).Agent);
}
