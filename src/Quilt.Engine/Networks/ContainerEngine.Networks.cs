using System.Globalization;
using System.Net;
using Quilt.Core;
using Quilt.Network;
using Quilt.Storage;

namespace Quilt.Engine;

public sealed partial class ContainerEngine
{
    /// <summary>Makes a network. Nobody is in it.</summary>
    /// <exception cref="QuiltException">As <see cref="Wiring.CreateNetwork"/>. Nothing has changed.</exception>
    public ContainerNetwork CreateNetwork(NewNetwork asked)
    {
        ContainerNetwork made = Wiring.CreateNetwork(asked, (writer, network) => Tell(writer, EventTypes.NetworkCreated, network, null));
        _events.Beat();
        return made;
    }

    /// <summary>Takes a network away, with the edges that lead to it. Its members run on, and do not reach each other by it any more.</summary>
    /// <param name="force">Also where containers are in it, or edges lead to it.</param>
    /// <returns>False where it is not there any more.</returns>
    /// <exception cref="QuiltException">FailedPrecondition: it is in use, and by whom.</exception>
    public bool RemoveNetwork(string id, bool force)
    {
        IReadOnlyList<Edge>? severed = Wiring.RemoveNetwork(id, force ? _ => { } : RequireUnused, (writer, gone, edges) =>
        {
            Tell(writer, EventTypes.NetworkRemoved, gone, null);
            foreach (Edge edge in edges)
            {
                Tell(writer, EventTypes.ConnectionSevered, edge);
            }
        });
        foreach (Edge edge in severed ?? [])
        {
            DisarmExpiry(edge.Id);
        }

        _events.Beat();
        return severed is not null;
    }

    /// <summary>Takes a container into a network, also while it runs. One that is in it already gets the aliases that are asked for now.</summary>
    /// <exception cref="QuiltException">NotFound; or as <see cref="Wiring.Join"/>. Nothing has changed.</exception>
    public async Task<(Membership Member, bool IsNew)> ConnectToNetworkAsync(string network, ContainerId id, IReadOnlyList<string> aliases, IPAddress? address, CancellationToken cancellation)
    {
        Container container = _containers.Get(id);
        using (await container.EnterAsync(cancellation).ConfigureAwait(false))
        {
            RequirePresent(container);
            return Join(network, container, aliases, address, tell: true);
        }
    }

    /// <summary>What flows to and from it there ends at once.</summary>
    /// <returns>False where it is not in it any more.</returns>
    public bool DisconnectFromNetwork(string network, ContainerId id)
    {
        bool left = Leave(network, id);
        _events.Beat();
        return left;
    }

    private bool Leave(string network, ContainerId id, bool tell = true) => Wiring.Leave(network, id, (writer, from) => TellLeft(writer, from, id, tell));

    /// <summary>Lets those of a container's networks reach a port of it; of an open network they do anyway, and find it by its name.</summary>
    /// <returns>False: it was so already.</returns>
    /// <exception cref="QuiltException">NotFound; FailedPrecondition: the kernel lacks something. Nothing has changed.</exception>
    public async Task<bool> ExposePortAsync(ExposedPort asked, CancellationToken cancellation)
    {
        Container container = _containers.Get(asked.Container);
        using (await container.EnterAsync(cancellation).ConfigureAwait(false))
        {
            RequirePresent(container);
            bool isNew = Wiring.Expose(asked, (writer, port) => Tell(writer, EventTypes.PortExposed, port));
            _events.Beat();
            return isNew;
        }
    }

    /// <returns>False where it is not exposed any more.</returns>
    public bool UnexposePort(ContainerId container, ushort port, TransportProtocol protocol)
    {
        bool gone = Wiring.Unexpose(container, port, protocol, (writer, exposed) => Tell(writer, EventTypes.PortUnexposed, exposed));
        _events.Beat();
        return gone;
    }

    /// <param name="container">Nobody else can change it.</param>
    /// <param name="tell">False: whoever asks tells of it.</param>
    private (Membership Member, bool IsNew) Join(string network, Container container, IReadOnlyList<string> aliases, IPAddress? address, bool tell)
    {
        (Membership member, bool isNew) = Wiring.Join(network, container.Id, aliases, address, (writer, into) =>
        {
            if (tell)
            {
                Tell(writer, EventTypes.NetworkConnected, into, container.Record);
            }
        });
        try
        {
            Plug(container);
        }
        catch when (isNew)
        {
            Leave(network, container.Id, tell);
            throw;
        }

        _events.Beat();
        return (member, isNew);
    }

    private void RequireUnused(ContainerNetwork network)
    {
        string[] users =
        [
            .. Wiring.MembersOf(network.Id).Select(m => $"the container '{NameOf(m.Member.Container)}'"),
            .. Wiring.Edges.Where(e => e.To is EdgeTarget.Members to && to.Id == network.Id).Select(e => $"a connection of '{NameOf(e.From)}'"),
        ];
        if (users.Length > 0)
        {
            const int named = 3;
            string more = users.Length > named ? $" and {(users.Length - named).ToString(CultureInfo.InvariantCulture)} more" : "";
            throw new QuiltException(
                ErrorCode.FailedPrecondition, $"the network '{network.Name}' is used by {string.Join(", ", users.Take(named))}{more}", "disconnect them first, or remove it by force", "force");
        }
    }

    private string NameOf(ContainerId id) => _containers.TryGet(id)?.Record.Name.Value ?? id.Short;

    private static void Tell(Database.Writer writer, string type, ContainerNetwork network, ContainerRecord? container) =>
        writer.Append(DateTimeOffset.UtcNow, type, container, network.Owner, ("network", network.Id), ("networkName", network.Name));

    /// <param name="tell">False: nobody was told that it is in it.</param>
    private void TellLeft(Database.Writer writer, ContainerNetwork network, ContainerId id, bool tell)
    {
        if (tell)
        {
            Tell(writer, EventTypes.NetworkDisconnected, network, _containers.TryGet(id)?.Record);
        }
    }

    private void Tell(Database.Writer writer, string type, ExposedPort port) => writer.Append(
        DateTimeOffset.UtcNow, type, _containers.TryGet(port.Container)?.Record,
        ("port", port.Port.ToString(CultureInfo.InvariantCulture)), ("protocol", port.Protocol.ToString().ToLowerInvariant()));
}
