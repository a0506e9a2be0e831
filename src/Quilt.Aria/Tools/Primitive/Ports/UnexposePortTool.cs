using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Quilt.Core;
using Quilt.Engine;
using Quilt.Network;

namespace Quilt.Aria;

public sealed record UnexposePortArguments
{
    [Description("Its name, id, or an unambiguous beginning of the id.")]
    public required string Container { get; init; }

    [Range(1, 65535)]
    public required int Port { get; init; }

    [AllowedValues("tcp", "udp", "sctp")]
    [DefaultValue("tcp")]
    public string? Protocol { get; init; }
}

/// <summary>See <see cref="ContainerEngine.UnexposePort"/>.</summary>
public sealed class UnexposePortTool(ContainerEngine engine) : Tool<UnexposePortArguments, ExposePortResult>
{
    public override ToolDefinition Definition { get; } = new("unexposePort")
    {
        Title = "Unexpose a port",
        Description = "Takes back what exposePort declared: members of isolated networks reach the port no more, and what flows to it there ends. Connections that were drawn by establishConnection stay.",
        Example = """{"container": "db", "port": 5432}""",
        Destructive = true,
    };

    protected override Task<ExposePortResult> RunAsync(UnexposePortArguments arguments, ToolContext context, CancellationToken cancellation)
    {
        ContainerRecord record = context.Caller.Container(arguments.Container, Access.Manage);
        TransportProtocol protocol = ConnectionView.ProtocolOf(arguments.Protocol);
        return engine.Wiring.ExposedBy(record.Id).FirstOrDefault(p => p.Port == arguments.Port && p.Protocol == protocol) is { } port && engine.UnexposePort(record.Id, port.Port, protocol)
            ? Task.FromResult(ExposePortResult.Of(port, isNew: false, engine))
            : throw new QuiltException(ErrorCode.NotFound, $"'{record.Name}' does not expose {arguments.Port}/{ConnectionView.Lower(protocol)}", "look at getContainerNetworkInfo for what it exposes", "port");
    }
}
