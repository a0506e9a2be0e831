using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Net;
using Quilt.Core;
using Quilt.Engine;
using Quilt.Network;

namespace Quilt.Aria;

public sealed record UnbindPortArguments
{
    [Description("The host's port.")]
    [Range(1, 65535)]
    public required int HostPort { get; init; }

    [Description("The host's address that it is bound on.")]
    [DefaultValue("127.0.0.1")]
    public string HostIp { get; set; } = "127.0.0.1";

    [AllowedValues("tcp", "udp")]
    [DefaultValue("tcp")]
    public string? Protocol { get; init; }
}

/// <summary>See <see cref="ContainerEngine.UnbindPort"/>.</summary>
public sealed class UnbindPortTool(ContainerEngine engine) : Tool<UnbindPortArguments, PortView>
{
    public override ToolDefinition Definition { get; } = new("unbindPort")
    {
        Title = "Unbind a port of the host",
        Description = "Closes a port of the host that bindPort opened, and ends what goes over it. Ports of a container that is removed are closed by themselves.",
        Example = """{"hostPort": 8080}""",
        Level = SecurityLevel.Elevated,
        Destructive = true,
    };

    protected override Task<PortView> RunAsync(UnbindPortArguments arguments, ToolContext context, CancellationToken cancellation)
    {
        (IPEndPoint, TransportProtocol) key = (new IPEndPoint(HostAddress.Parse(arguments.HostIp), arguments.HostPort), ConnectionView.ProtocolOf(arguments.Protocol));
        if (engine.Wiring.Ports.FirstOrDefault(p => p.Key.Equals(key)) is not { } port || engine.TryGet(port.Container) is not { } record || !context.Caller.Has(record))
        {
            throw NotThere(arguments);
        }

        PortView view = PortView.Of(port, engine);
        return engine.UnbindPort(port.Key) ? Task.FromResult(view) : throw NotThere(arguments);
    }

    private static QuiltException NotThere(UnbindPortArguments arguments) =>
        new(ErrorCode.NotFound, $"no port {arguments.HostPort}/{arguments.Protocol ?? "tcp"} on {arguments.HostIp} leads to a container of yours", "look at getContainerNetworkInfo for those that do", "hostPort");
}
