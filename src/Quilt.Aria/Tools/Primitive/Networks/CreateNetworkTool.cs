using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Net;
using Quilt.Core;
using Quilt.Engine;
using Quilt.Network;

namespace Quilt.Aria;

public sealed record CreateNetworkArguments
{
    [Description("Your name for it: 1 to 63 letters, digits and '-'. Members are found as MEMBER and as MEMBER.NAME.")]
    public required string Name { get; init; }

    [Description("open: the members reach each other on every port; isolated: they reach the ports that a member exposes (exposePort), and nothing else.")]
    [AllowedValues("open", "isolated")]
    [DefaultValue("open")]
    public string? Policy { get; init; }

    [Description("IPv4 range in CIDR form that the members have addresses of, such as 10.7.0.0/24; one that is free is chosen where it is left out.")]
    public string? Subnet { get; init; }

    [Description("Addresses of IPv6 beside those of IPv4. Every network has them, so false is refused.")]
    [DefaultValue(true)]
    public bool? Ipv6 { get; init; }

    [Description("Where all members may go outside, as far as your grant allows it: TO:PORT each, with TO as establishConnection takes it, such as deb.debian.org:443 or 192.0.2.0/24:5432. TCP.")]
    public IReadOnlyList<string>? Egress { get; init; }

    [Description("How long it is meant to live. task: until the task ends (give taskId); session: until the session ends; service: until it is removed. Containers that are in it then lose it.")]
    [AllowedValues("task", "session", "service")]
    [DefaultValue("session")]
    public string? Strategy { get; init; }

    [Description("The task of strategy task (beginTask): its id or name.")]
    public string? TaskId { get; init; }
}

public sealed record NetworkResult
{
    public required NetworkView Network { get; init; }
}

/// <summary>See <see cref="ContainerEngine.CreateNetwork"/>.</summary>
public sealed class CreateNetworkTool(ContainerEngine engine, Workloads workloads) : Tool<CreateNetworkArguments, NetworkResult>
{
    private const int MostEgress = 256;

    public override ToolDefinition Definition { get; } = new("createNetwork")
    {
        Title = "Create a network",
        Description = "Makes a named network that containers can be connected to (connectToNetwork, or networks of createContainer). Its members find each other by name. Use it for a group that talks among itself; for a single dependency establishConnection opens less. Costs nothing until a container is in it.",
        Example = """{"name": "backend", "policy": "open"}""",
    };

    protected override Task<NetworkResult> RunAsync(CreateNetworkArguments arguments, ToolContext context, CancellationToken cancellation)
    {
        if (!HostName.IsValid(arguments.Name) || arguments.Name.Contains('.', StringComparison.Ordinal) || arguments.Name.Equals(EdgeTarget.Host.DnsName, StringComparison.OrdinalIgnoreCase))
        {
            throw QuiltException.Invalid("name", $"'{arguments.Name}' is no name for a network", "give 1 to 63 letters, digits or '-', such as backend; 'host' means the host");
        }

        if (arguments.Ipv6 == false)
        {
            throw QuiltException.Invalid("ipv6", "every network has IPv6 beside IPv4, ipv6 false cannot be", "leave ipv6 out; what a member listens on by IPv6 is as closed to others as by IPv4");
        }

        if (arguments.Egress is { Count: > MostEgress })
        {
            throw QuiltException.Invalid("egress", $"{arguments.Egress.Count} ways out are too many", $"give at most {MostEgress}; a '*.' name or a range stands for many");
        }

        Agent agent = context.Caller.Agent;
        NewNetwork asked = new(arguments.Name, arguments.Policy == "isolated" ? NetworkPolicy.Isolated : NetworkPolicy.Open, agent.Id)
        {
            Subnet = arguments.Subnet is null ? null : IPNetwork.TryParse(arguments.Subnet, out IPNetwork subnet)
                ? subnet
                : throw QuiltException.Invalid("subnet", $"'{arguments.Subnet}' is no address range", "give one in CIDR form, such as 10.7.0.0/24, or leave it out"),
            Egress = [.. (arguments.Egress ?? []).Select(text => EgressText.Read(text, context.Caller, "egress")).Distinct()],
        };
        ContainerNetwork network = workloads.CreateNetwork(context.Caller, asked, arguments.Strategy ?? "session", arguments.TaskId);
        return Task.FromResult(new NetworkResult { Network = NetworkView.Of(network, engine) });
    }
}
