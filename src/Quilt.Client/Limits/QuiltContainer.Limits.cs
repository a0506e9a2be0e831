using System.Text.Json;
using System.Text.Json.Nodes;
using Quilt.Core;

namespace Quilt.Client;

public sealed partial class QuiltContainer
{
    /// <summary>Changes what it may use, at once where it runs: all that is given, or nothing of it.</summary>
    /// <exception cref="QuiltException">Failed precondition: it uses more now, and how much; invalid argument: what the host does not have; resource exhausted: the caller's own limits.</exception>
    public Task<LimitChange> SetLimitsAsync(LimitOptions limits, CancellationToken cancellationToken = default)
    {
        JsonObject request = JsonSerializer.SerializeToNode(limits, ClientJson.Default.LimitOptions)!.AsObject();
        foreach (string left in request.Where(p => p.Value is null).Select(p => p.Key).ToArray())
        {
            request.Remove(left);
        }

        request["container"] = Id;
        return ToolAsync("setResourceLimits", request, ClientJson.Default.JsonObject, ClientJson.Default.LimitChange, cancellationToken);
    }

    /// <summary>Makes the disk larger of a container that was made with one (<see cref="ContainerOptions.DiskBytes"/>).</summary>
    /// <exception cref="QuiltException">Failed precondition: it has none of its own; invalid argument: it would become smaller.</exception>
    public Task GrowDiskAsync(long sizeBytes, CancellationToken cancellationToken = default) =>
        ToolAsync("setResourceLimits", new JsonObject { ["container"] = Id, ["disk"] = sizeBytes }, ClientJson.Default.JsonObject, ClientJson.Default.JsonElement, cancellationToken);
}
