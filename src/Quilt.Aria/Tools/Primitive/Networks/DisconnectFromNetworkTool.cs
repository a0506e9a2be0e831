using System.ComponentModel;
using Quilt.Core;
using Quilt.Engine;
using Quilt.Network;

namespace Quilt.Aria;

public sealed record DisconnectFromNetworkArguments
{
    [Description("The network's name or id.")]
    public required string Network { get; init; }

    [Description("Its name, id, or an unambiguous beginning of the id.")]
    public required string Container { get; init; }
}

/// <summary>See <see cref="ContainerEngine.DisconnectFromNetwork"/>.</summary>
public sealed class DisconnectFromNetworkTool(ContainerEngine engine) : Tool<DisconnectFromNetworkArguments, NetworkResult>
{
    public override ToolDefinition Definition { get; } = new("disconnectFromNetwork")
    {
        Title = "Disconnect a container from a network",
        Description = "Takes a container out of a network, at once: what flows to and from it there ends. Connections that were drawn by establishConnection stay.",
        Example = """{"network": "backend", "container": "db"}""",
        Destructive = true,
    };

    protected override Task<NetworkResult> RunAsync(DisconnectFromNetworkArguments arguments, ToolContext context, CancellationToken cancellation)
    {
        ContainerNetwork network = context.Caller.Network(arguments.Network);
        ContainerRecord record = context.Caller.Container(arguments.Container, Access.Manage);
        return engine.DisconnectFromNetwork(network.Id, record.Id)
            ? Task.FromResult(new NetworkResult { Network = NetworkView.Of(network, engine) })
            : throw new QuiltException(ErrorCode.NotFound, $"the container '{record.Name}' is not in the network '{network.Name}'", "look at listNetworks for who is", "container");
    }
}
