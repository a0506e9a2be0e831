using System.ComponentModel;
using Quilt.Core;
using Quilt.Engine;

namespace Quilt.Aria;

public sealed record RemoveNetworkArguments
{
    [Description("Its name or id.")]
    public required string Network { get; init; }

    [Description("Also where containers are in it: they run on, and lose it.")]
    [DefaultValue(false)]
    public bool Force { get; init; }
}

/// <summary>See <see cref="ContainerEngine.RemoveNetwork"/>.</summary>
public sealed class RemoveNetworkTool(ContainerEngine engine) : Tool<RemoveNetworkArguments, NetworkResult>
{
    public override ToolDefinition Definition { get; } = new("removeNetwork")
    {
        Title = "Remove a network",
        Description = "Takes a network away. One that containers are in, or connections lead to, is only removed with force; what flows in it ends then.",
        Example = """{"network": "backend"}""",
        Destructive = true,
    };

    protected override Task<NetworkResult> RunAsync(RemoveNetworkArguments arguments, ToolContext context, CancellationToken cancellation)
    {
        Network.ContainerNetwork network = context.Caller.Network(arguments.Network);
        NetworkView view = NetworkView.Of(network, engine);
        return engine.RemoveNetwork(network.Id, arguments.Force) ? Task.FromResult(new NetworkResult { Network = view }) : throw Caller.NoNetwork(arguments.Network);
    }
}
