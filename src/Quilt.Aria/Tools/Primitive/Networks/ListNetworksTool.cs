using System.ComponentModel;
using Quilt.Engine;
using Quilt.Network;

namespace Quilt.Aria;

public sealed record ListNetworksArguments
{
    [Description("This one alone: its name or id.")]
    public string? Network { get; init; }
}

public sealed record ListNetworksResult
{
    public required IReadOnlyList<NetworkView> Networks { get; init; }
}

/// <summary>The networks that the caller has.</summary>
public sealed class ListNetworksTool(ContainerEngine engine) : Tool<ListNetworksArguments, ListNetworksResult>
{
    public override ToolDefinition Definition { get; } = new("listNetworks")
    {
        Title = "List networks",
        Description = "Your networks, with who is in them, their addresses and names there, and what has passed.",
        Example = "{}",
        Level = SecurityLevel.Safe,
        Idempotent = true,
    };

    protected override Task<ListNetworksResult> RunAsync(ListNetworksArguments arguments, ToolContext context, CancellationToken cancellation)
    {
        IReadOnlyDictionary<string, Traffic> traffic = engine.Wiring.ReadNetworkTraffic();
        IEnumerable<ContainerNetwork> networks = string.IsNullOrEmpty(arguments.Network) ? engine.Wiring.Networks.Where(n => context.Caller.Has(n.Owner)) : [context.Caller.Network(arguments.Network)];
        return Task.FromResult(new ListNetworksResult { Networks = [.. networks.Select(n => NetworkView.Of(n, engine, traffic))] });
    }
}
