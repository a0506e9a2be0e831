using System.ComponentModel;
using System.Net;
using Quilt.Core;
using Quilt.Engine;
using Quilt.Network;

namespace Quilt.Aria;

public sealed record ConnectToNetworkArguments
{
    [Description("The network's name or id.")]
    public required string Network { get; init; }

    [Description("Its name, id, or an unambiguous beginning of the id.")]
    public required string Container { get; init; }

    [Description("Other names by which the members find it, beside its own.")]
    public IReadOnlyList<string>? Aliases { get; init; }

    [Description("Its IPv4 address in the network; one that is free where it is left out.")]
    public string? Ip { get; init; }
}

public sealed record ConnectToNetworkResult
{
    public required string Network { get; init; }
    public required NetworkMemberView Member { get; init; }

    [Description("False: it was in it already, and has the aliases asked for now.")]
    public required bool IsNew { get; init; }
}

/// <summary>See <see cref="ContainerEngine.ConnectToNetworkAsync"/>.</summary>
public sealed class ConnectToNetworkTool(ContainerEngine engine) : Tool<ConnectToNetworkArguments, ConnectToNetworkResult>
{
    private const int MostAliases = 64;

    public override ToolDefinition Definition { get; } = new("connectToNetwork")
    {
        Title = "Connect a container to a network",
        Description = "Takes a container into a network, at once, also while it runs. It gets an address there, finds the other members by their names, and is found by its own and its aliases. A container may be in several networks, which do not reach each other through it.",
        Example = """{"network": "backend", "container": "db", "aliases": ["postgres"]}""",
        Idempotent = true,
    };

    protected override async Task<ConnectToNetworkResult> RunAsync(ConnectToNetworkArguments arguments, ToolContext context, CancellationToken cancellation)
    {
        IReadOnlyList<string> aliases = [.. (arguments.Aliases ?? []).Distinct(StringComparer.OrdinalIgnoreCase)];
        if (aliases.FirstOrDefault(a => !HostName.IsValid(a)) is { } bad)
        {
            throw QuiltException.Invalid("aliases", $"'{bad}' is no name", "give letters, digits, '-' and '.', such as db or cache.internal");
        }

        if (aliases.Count > MostAliases)
        {
            throw QuiltException.Invalid("aliases", $"{aliases.Count} aliases are too many", $"give at most {MostAliases}");
        }

        IPAddress? address = null;
        if (arguments.Ip is not null && !IPAddress.TryParse(arguments.Ip, out address))
        {
            throw QuiltException.Invalid("ip", $"'{arguments.Ip}' is no IP address", "give one of the network's subnet, or leave it out");
        }

        ContainerNetwork network = context.Caller.NetworkToJoin(arguments.Network);
        ContainerRecord record = context.Caller.Container(arguments.Container, Access.Manage);
        (Membership member, bool isNew) = await engine.ConnectToNetworkAsync(network.Id, record.Id, aliases, address, cancellation).ConfigureAwait(false);
        Endpoint endpoint = engine.Wiring.MembersOf(network.Id).FirstOrDefault(m => m.Member.Container == record.Id).Endpoint ?? throw Caller.NoNetwork(arguments.Network);
        return new ConnectToNetworkResult { Network = network.Id, Member = NetworkMemberView.Of(member, endpoint, engine), IsNew = isNew };
    }
}
