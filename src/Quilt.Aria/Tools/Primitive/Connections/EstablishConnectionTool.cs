using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using Quilt.Core;
using Quilt.Engine;
using Quilt.Network;

namespace Quilt.Aria;

public sealed record EstablishConnectionArguments
{
    [Description("The container that is to reach the other: name, id, or an unambiguous beginning of the id.")]
    public required string From { get; init; }

    [Description("The container that is to be reached; one that is shared with you will do.")]
    public required string To { get; init; }

    [Description("The port on which the target listens, or will.")]
    [Range(1, 65535)]
    public required int Port { get; init; }

    [AllowedValues("tcp", "udp", "sctp")]
    [DefaultValue("tcp")]
    public string? Protocol { get; init; }

    [Description("It goes by itself after this time: seconds, or a text such as \"30m\".")]
    public TimeSpan? Ttl { get; init; }
}

public sealed record EstablishConnectionResult
{
    public required ConnectionView Connection { get; init; }

    [Description("False: it was there already.")]
    public required bool IsNew { get; init; }

    [Description("Environment variables that programs in the first container may want to be told; nothing is set.")]
    public required IReadOnlyDictionary<string, string> EnvHints { get; init; }
}

/// <summary>See <see cref="ContainerEngine.EstablishConnectionAsync"/>.</summary>
public sealed class EstablishConnectionTool(ContainerEngine engine) : Tool<EstablishConnectionArguments, EstablishConnectionResult>
{
    public override ToolDefinition Definition { get; } = new("establishConnection")
    {
        Title = "Connect a container to another",
        Description = "Lets one container reach one port of another; nothing else is opened, and nothing in the other direction but the answers. Containers reach nothing before: draw an edge for each dependency. Works at once, also while both run, and is kept when they are restarted. It says nothing of whether anybody listens on the port yet. Asked for again, it is the same edge with the new ttl.",
        Example = """{"from": "web", "to": "db", "port": 5432}""",
        Idempotent = true,
    };

    protected override async Task<EstablishConnectionResult> RunAsync(EstablishConnectionArguments arguments, ToolContext context, CancellationToken cancellation)
    {
        if (arguments.Ttl is { } ttl && ttl <= TimeSpan.Zero)
        {
            throw QuiltException.Invalid("ttl", $"a ttl of {ttl.TotalSeconds:0.###} s is out of bounds", "give more than 0 s, or leave it out");
        }

        ContainerRecord from = context.Caller.Container(arguments.From, Access.Manage), to = context.Caller.Container(arguments.To, Access.Use);
        NewConnection asked = new(from.Id, to.Id, (ushort)arguments.Port, ConnectionView.ProtocolOf(arguments.Protocol), context.Caller.Agent.Id) { Ttl = arguments.Ttl };
        (Edge edge, bool isNew) = await engine.EstablishConnectionAsync(asked, cancellation).ConfigureAwait(false);
        ConnectionView view = ConnectionView.Of(edge, engine);
        string prefix = new([.. to.Name.Value.ToUpperInvariant().Select(c => char.IsAsciiLetterOrDigit(c) ? c : '_')]);
        return new EstablishConnectionResult
        {
            Connection = view,
            IsNew = isNew,
            EnvHints = new Dictionary<string, string>
            {
                [$"{prefix}_HOST"] = view.Address,
                [$"{prefix}_PORT"] = view.Port.ToString(CultureInfo.InvariantCulture),
            },
        };
    }
}
