#pragma warning disable MCP9005 // log messages: clients of before 2026-07-28 have no other way to hear
using System.Text.Json;
using System.Text.Json.Nodes;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;
using Quilt.Aria;
using Quilt.Core;
using Quilt.Engine;

namespace Quilt.Daemon;

/// <summary>Tells a connected client what happens: a changed list of containers, and as log messages what it may want to act on.</summary>
internal sealed class McpNotifications(ContainerEngine engine, McpServer server, McpConnection connection)
{
    internal async Task RunAsync(CancellationToken cancellation)
    {
        await foreach (EngineEvent happened in engine.EventsAsync(engine.LastEvent, null, follow: true, cancellation).ConfigureAwait(false))
        {
            try
            {
                if (!connection.Authenticate().MayKnow(happened))
                {
                    continue;
                }
            }
            catch (QuiltException)
            {
                return; // its token has ended, and so has what it may hear
            }

            if (happened.Type is EventTypes.Created or EventTypes.Removed)
            {
                await server.SendNotificationAsync(NotificationMethods.ResourceListChangedNotification, cancellation).ConfigureAwait(false);
            }

            await LogAsync(happened, cancellation).ConfigureAwait(false);
        }
    }

    private async Task LogAsync(EngineEvent happened, CancellationToken cancellation)
    {
        LoggingLevel level = happened.Type switch
        {
            EventTypes.OutOfMemory or EventTypes.Expired or EventTypes.OrphanDetected => LoggingLevel.Warning,
            EventTypes.Exited or EventTypes.SessionEnded or EventTypes.TaskEnded => LoggingLevel.Info,
            _ => LoggingLevel.Debug,
        };
        if (server.LoggingLevel is not { } wanted || level < wanted)
        {
            return;
        }

        JsonObject data = new() { ["type"] = happened.Type, ["cursor"] = happened.Cursor, ["container"] = happened.Container, ["name"] = happened.Name };
        foreach ((string name, string value) in happened.Attributes)
        {
            data[name] = value;
        }

        JsonObject message = new() { ["level"] = level.ToString().ToLowerInvariant(), ["logger"] = "quilt", ["data"] = data };
        await server.SendMessageAsync(new JsonRpcNotification { Method = NotificationMethods.LoggingMessageNotification, Params = message }, cancellation).ConfigureAwait(false);
    }
}
