using System.ComponentModel;
using Quilt.Engine;
using Quilt.Network;

namespace Quilt.Aria;

/// <summary>A port of the host's that leads to a container.</summary>
public sealed record PortView
{
    public required string Container { get; init; }
    public required string ContainerName { get; init; }

    [Description("The container's port.")]
    public required int Port { get; init; }
    public required string HostIp { get; init; }
    public required int HostPort { get; init; }

    [Description("As clients on the host write it.")]
    public required string HostAddress { get; init; }

    [Description("tcp or udp.")]
    public required string Protocol { get; init; }

    internal static PortView Of(PublishedPort port, ContainerEngine engine) => new()
    {
        Container = port.Container.Value,
        ContainerName = engine.TryGet(port.Container)?.Name.Value ?? "",
        Port = port.Port,
        HostIp = port.Host.Address.ToString(),
        HostPort = port.Host.Port,
        HostAddress = port.Host.ToString(),
        Protocol = ConnectionView.Lower(port.Protocol),
    };
}
