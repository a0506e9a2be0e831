using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Net;
using Quilt.Core;
using Quilt.Engine;
using Quilt.Network;

namespace Quilt.Aria;

public sealed record BindPortArguments
{
    [Description("Its name, id, or an unambiguous beginning of the id.")]
    public required string Container { get; init; }

    [Description("The port on which the container listens, or will.")]
    [Range(1, 65535)]
    public required int Port { get; init; }

    [Description("The host's port. 0: one that is free and granted is chosen.")]
    [Range(0, 65535)]
    [DefaultValue(0)]
    public int HostPort { get; set; }

    [Description("The host's address. Others than 127.0.0.1 and ::1 make it reachable from outside the host, and want a grant of their own (anyAddress).")]
    [DefaultValue("127.0.0.1")]
    public string HostIp { get; set; } = "127.0.0.1";

    [AllowedValues("tcp", "udp")]
    [DefaultValue("tcp")]
    public string? Protocol { get; init; }
}

/// <summary>See <see cref="ContainerEngine.BindPortAsync"/>.</summary>
public sealed class BindPortTool(ContainerEngine engine) : Tool<BindPortArguments, PortView>
{
    private const int MostTries = 1000;

    public override ToolDefinition Definition { get; } = new("bindPort")
    {
        Title = "Bind a port of the host",
        Description = "Opens a port of the host that leads to one of a container's, for TCP or UDP, on 127.0.0.1 unless told otherwise, where your grant allows it (ports). It stays until unbindPort, or until the container is removed; restarts of the container or of Quilt do not matter. Between containers use establishConnection instead.",
        Example = """{"container": "web", "port": 8080}""",
        Level = SecurityLevel.Elevated,
        Idempotent = true,
    };

    protected override async Task<PortView> RunAsync(BindPortArguments arguments, ToolContext context, CancellationToken cancellation)
    {
        IPAddress address = HostAddress.Parse(arguments.HostIp);
        TransportProtocol protocol = ConnectionView.ProtocolOf(arguments.Protocol);
        Agent agent = context.Caller.Agent;
        ContainerId id = context.Caller.Container(arguments.Container, Access.Manage).Id;
        if (arguments.HostPort == 0 && !agent.Chain.All(a => a.Config.Grant.Ports.Any(p => p.Allows(1, address) && p.Allows(ushort.MaxValue, address))))
        {
            return PortView.Of(await BindFirstAsync(id, (ushort)arguments.Port, address, protocol, agent, cancellation).ConfigureAwait(false), engine);
        }

        Require(arguments.HostPort, address, agent);
        return PortView.Of(await engine.BindPortAsync(id, (ushort)arguments.Port, new IPEndPoint(address, arguments.HostPort), protocol, agent.Id, cancellation).ConfigureAwait(false), engine);
    }

    /// <summary>The first that is free of those that are granted.</summary>
    private async Task<PublishedPort> BindFirstAsync(ContainerId id, ushort port, IPAddress address, TransportProtocol protocol, Agent agent, CancellationToken cancellation)
    {
        IEnumerable<int> granted = agent.Config.Grant.Ports.SelectMany(p => Enumerable.Range(p.From, p.To - p.From + 1)).Where(p => IsGranted(p, address, agent));
        foreach (int candidate in granted.Take(MostTries))
        {
            try
            {
                return await engine.BindPortAsync(id, port, new IPEndPoint(address, candidate), protocol, agent.Id, cancellation).ConfigureAwait(false);
            }
            catch (QuiltException e) when (e.Code == ErrorCode.AlreadyExists)
            {
                // The next one.
            }
        }

        Require(0, address, agent);
        throw new QuiltException(ErrorCode.ResourceExhausted, $"none of the ports that the grant of '{agent}' has is free", "unbind one, or ask for a wider grant", "hostPort");
    }

    private static bool IsGranted(int port, IPAddress address, Agent agent) => agent.Chain.All(a => a.Config.Grant.Ports.Any(p => p.Allows(port, address)));

    /// <param name="port">0: any at all.</param>
    private static void Require(int port, IPAddress address, Agent agent)
    {
        foreach (Agent each in agent.Chain)
        {
            IReadOnlyList<PortGrant> ports = each.Config.Grant.Ports;
            if (!ports.Any(p => p.Allows(port == 0 ? p.From : port, address)))
            {
                throw each.Outside("ports", $"port {port} on {address}", IPAddress.IsLoopback(address) ? "hostPort" : "hostIp", [.. ports.Select(p => $"{p.From}-{p.To}{(p.AnyAddress ? "" : " on 127.0.0.1")}")]);
            }
        }
    }
}
