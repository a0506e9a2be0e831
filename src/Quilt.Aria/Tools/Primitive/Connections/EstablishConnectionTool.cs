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

    [Description("What is to be reached: a container, also one that is shared with you; a network of yours, for that port of all its members; outside, where your grant allows it (egress): a name such as deb.debian.org, *.debian.org for all names below, an address range such as 192.0.2.0/24, or host for the host's own 127.0.0.1.")]
    public required string To { get; init; }

    [Description("The port on which the target listens, or will.")]
    [Range(1, 65535)]
    public required int Port { get; init; }

    [AllowedValues("tcp", "udp", "sctp")]
    [DefaultValue("tcp")]
    public string? Protocol { get; init; }

    [Description("Another name by which the first container finds the target; its own name will do otherwise.")]
    public string? Alias { get; init; }

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
        Title = "Connect a container",
        Description = "Lets one container reach one port of another, or of something outside; nothing else is opened, and nothing in the other direction but the answers. The first one finds the other by its name, or by the alias. Containers reach nothing before: draw an edge for each dependency. To the outside TCP alone leads, and a name means its public addresses at the time. Works at once, also while both run, and is kept when they are restarted. It says nothing of whether anybody listens on the port yet. Asked for again, it is the same edge with the new alias and ttl.",
        Example = """{"from": "web", "to": "db", "port": 5432}""",
        Idempotent = true,
    };

    protected override async Task<EstablishConnectionResult> RunAsync(EstablishConnectionArguments arguments, ToolContext context, CancellationToken cancellation)
    {
        if (arguments.Ttl is { } ttl && ttl <= TimeSpan.Zero)
        {
            throw QuiltException.Invalid("ttl", $"a ttl of {ttl.TotalSeconds:0.###} s is out of bounds", "give more than 0 s, or leave it out");
        }

        if (arguments.Alias is { } alias && !HostName.IsValid(alias))
        {
            throw QuiltException.Invalid("alias", $"'{alias}' is no name", "give letters, digits, '-' and '.', such as db or cache.internal");
        }

        ContainerRecord from = context.Caller.Container(arguments.From, Access.Manage, "from");
        EdgeTarget to = ConnectionTarget.Parse(arguments.To, context.Caller);
        TransportProtocol protocol = ConnectionView.ProtocolOf(arguments.Protocol);
        if (arguments.Alias is not null && to is (EdgeTarget.Range or EdgeTarget.Name { Pattern: ['*', ..] }))
        {
            throw QuiltException.Invalid("alias", $"'{arguments.To}' is not one target that an alias could stand for", "leave the alias out");
        }

        ConnectionTarget.Require(to, arguments.Port, protocol, context.Caller.Agent);
        NewConnection asked = new(from.Id, to, (ushort)arguments.Port, protocol, context.Caller.Agent.Id) { Ttl = arguments.Ttl, Alias = arguments.Alias };
        (Edge edge, bool isNew) = await engine.EstablishConnectionAsync(asked, cancellation).ConfigureAwait(false);
        ConnectionView view = ConnectionView.Of(edge, engine);
        string host = arguments.Alias ?? view.ToName, prefix = new([.. host.ToUpperInvariant().Select(c => char.IsAsciiLetterOrDigit(c) ? c : '_')]);
        return new EstablishConnectionResult
        {
            Connection = view,
            IsNew = isNew,
            EnvHints = new Dictionary<string, string>
            {
                [$"{prefix}_HOST"] = host,
                [$"{prefix}_PORT"] = view.Port.ToString(CultureInfo.InvariantCulture),
            },
        };
    }
}
