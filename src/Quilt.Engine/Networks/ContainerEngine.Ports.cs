using System.Globalization;
using System.Net;
using Quilt.Core;
using Quilt.Network;
using Quilt.Storage;

namespace Quilt.Engine;

public sealed partial class ContainerEngine
{
    /// <summary>Opens a port of the host's that leads to one of a container's, as long as the container is there.</summary>
    /// <param name="host">Port 0: one that is free is chosen.</param>
    /// <param name="owner">The id of the agent that wants it; empty: the operator.</param>
    /// <exception cref="QuiltException">NotFound; or as <see cref="Wiring.Publish"/>.</exception>
    public async Task<PublishedPort> BindPortAsync(ContainerId id, ushort port, IPEndPoint host, TransportProtocol protocol, string owner, CancellationToken cancellation)
    {
        Container container = _containers.Get(id);
        using (await container.EnterAsync(cancellation).ConfigureAwait(false))
        {
            RequirePresent(container);
            PublishedPort asked = new() { Container = id, Port = port, Host = host, Protocol = protocol, Owner = owner, CreatedAt = DateTimeOffset.UtcNow };
            (PublishedPort bound, bool isNew) = Wiring.Publish(asked, (writer, made) => Tell(writer, EventTypes.PortBound, made));
            try
            {
                Plug(container);
            }
            catch when (isNew)
            {
                UnbindPort(bound.Key);
                throw;
            }

            _events.Beat();
            return bound;
        }
    }

    /// <returns>False where it is not bound any more.</returns>
    public bool UnbindPort((IPEndPoint Host, TransportProtocol Protocol) key)
    {
        bool gone = Wiring.Unpublish(key, (writer, port) => Tell(writer, EventTypes.PortUnbound, port));
        _events.Beat();
        return gone;
    }

    private void Tell(Database.Writer writer, string type, PublishedPort port) => writer.Append(
        DateTimeOffset.UtcNow, type, _containers.TryGet(port.Container)?.Record,
        ("host", port.Host.ToString()), ("port", port.Port.ToString(CultureInfo.InvariantCulture)), ("protocol", port.Protocol.ToString().ToLowerInvariant()));
}
