using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Quilt.Core;
using Quilt.Engine;
using Quilt.Network;

namespace Quilt.Aria;

public sealed record ExposePortArguments
{
    [Description("Its name, id, or an unambiguous beginning of the id.")]
    public required string Container { get; init; }

    [Description("The port on which the container listens, or will.")]
    [Range(1, 65535)]
    public required int Port { get; init; }

    [AllowedValues("tcp", "udp", "sctp")]
    [DefaultValue("tcp")]
    public string? Protocol { get; init; }

    [Description("Of the service: the members find all containers that offer it by this name.")]
    public string? Name { get; init; }
}

public sealed record ExposePortResult
{
    public required string Container { get; init; }
    public required int Port { get; init; }
    public required string Protocol { get; init; }
    public string? Name { get; init; }

    [Description("False: it was so already, and has the name asked for now.")]
    public required bool IsNew { get; init; }

    [Description("The networks whose members can reach it; none: it is in none yet.")]
    public required IReadOnlyList<string> Networks { get; init; }

    internal static ExposePortResult Of(ExposedPort port, bool isNew, ContainerEngine engine) => new()
    {
        Container = port.Container.Value,
        Port = port.Port,
        Protocol = ConnectionView.Lower(port.Protocol),
        Name = port.Name,
        IsNew = isNew,
        Networks = [.. engine.Wiring.MembershipsOf(port.Container).Select(m => m.Network.Name)],
    };
}

/// <summary>See <see cref="ContainerEngine.ExposePortAsync"/>.</summary>
public sealed class ExposePortTool(ContainerEngine engine) : Tool<ExposePortArguments, ExposePortResult>
{
    public override ToolDefinition Definition { get; } = new("exposePort")
    {
        Title = "Expose a port",
        Description = "Lets the members of a container's networks reach one port of it, in those it is in now and those it joins later. An isolated network opens nothing else; in an open one everything is reachable already, and this gives the service a name. For clients on the host use bindPort.",
        Example = """{"container": "db", "port": 5432, "name": "postgres"}""",
        Idempotent = true,
    };

    protected override async Task<ExposePortResult> RunAsync(ExposePortArguments arguments, ToolContext context, CancellationToken cancellation)
    {
        if (arguments.Name is { } name && !HostName.IsValid(name))
        {
            throw QuiltException.Invalid("name", $"'{name}' is no name", "give letters, digits, '-' and '.', such as postgres");
        }

        ExposedPort asked = new(context.Caller.Container(arguments.Container, Access.Manage).Id, (ushort)arguments.Port, ConnectionView.ProtocolOf(arguments.Protocol), arguments.Name);
        return ExposePortResult.Of(asked, await engine.ExposePortAsync(asked, cancellation).ConfigureAwait(false), engine);
    }
}
