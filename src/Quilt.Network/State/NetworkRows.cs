using System.Net;
using Quilt.Core;
using Quilt.Storage;

namespace Quilt.Network;

/// <summary>The wiring's rows.</summary>
internal static partial class NetworkRows
{
    internal static List<(ContainerId Container, uint Number)> ReadEndpoints(Database database) =>
        database.Read("SELECT container, number FROM endpoint", row => (ContainerId.Parse(row.GetString(0)), (uint)row.GetInt64(1)));

    /// <summary>The pool that the endpoints' numbers are of; null where there was none yet.</summary>
    internal static string? ReadPool(Database database) => database.Read("SELECT range FROM pool", row => row.GetString(0)).FirstOrDefault();

    internal static void SetPool(this Database.Writer writer, string range) =>
        writer.Run("INSERT INTO pool (id, range) VALUES (0, $range) ON CONFLICT (id) DO UPDATE SET range = excluded.range", ("$range", range));

    internal static List<Edge> ReadEdges(Database database) => database.Read(
        "SELECT id, source, target, port, protocol, alias, owner, created_at, expires_at FROM edge",
        row => new Edge
        {
            Id = row.GetString(0),
            From = ContainerId.Parse(row.GetString(1)),
            To = EdgeTarget.Parse(row.GetString(2)),
            Port = (ushort)row.GetInt64(3),
            Protocol = (TransportProtocol)row.GetInt64(4),
            Alias = row.IsDBNull(5) ? null : row.GetString(5),
            Owner = row.GetString(6),
            CreatedAt = Time(row.GetInt64(7)),
            ExpiresAt = row.IsDBNull(8) ? null : Time(row.GetInt64(8)),
        });

    internal static void Insert(this Database.Writer writer, IEnumerable<(ContainerId Container, Endpoint Endpoint)> fresh)
    {
        foreach ((ContainerId container, Endpoint endpoint) in fresh)
        {
            writer.Run("INSERT INTO endpoint (container, number) VALUES ($container, $number)", ("$container", container.Value), ("$number", (long)endpoint.Number));
        }
    }

    /// <summary>Or its alias and its time, where it is there.</summary>
    internal static void Upsert(this Database.Writer writer, Edge edge) => writer.Run(
        """
        INSERT INTO edge (id, source, target, port, protocol, alias, owner, created_at, expires_at)
        VALUES ($id, $source, $target, $port, $protocol, $alias, $owner, $createdAt, $expiresAt)
        ON CONFLICT (id) DO UPDATE SET alias = excluded.alias, expires_at = excluded.expires_at
        """,
        ("$id", edge.Id), ("$source", edge.From.Value), ("$target", edge.To.Text), ("$port", (long)edge.Port), ("$protocol", (long)edge.Protocol), ("$alias", edge.Alias),
        ("$owner", edge.Owner), ("$createdAt", edge.CreatedAt.UtcTicks), ("$expiresAt", edge.ExpiresAt?.UtcTicks));

    internal static void Delete(this Database.Writer writer, Edge edge) => writer.Run("DELETE FROM edge WHERE id = $id", ("$id", edge.Id));

    internal static List<PublishedPort> ReadPorts(Database database) => database.Read(
        "SELECT host_address, host_port, protocol, container, port, owner, created_at FROM port",
        row => new PublishedPort
        {
            Host = new IPEndPoint(IPAddress.Parse(row.GetString(0)), (int)row.GetInt64(1)),
            Protocol = (TransportProtocol)row.GetInt64(2),
            Container = ContainerId.Parse(row.GetString(3)),
            Port = (ushort)row.GetInt64(4),
            Owner = row.GetString(5),
            CreatedAt = Time(row.GetInt64(6)),
        });

    internal static void Insert(this Database.Writer writer, PublishedPort port) => writer.Run(
        """
        INSERT INTO port (host_address, host_port, protocol, container, port, owner, created_at)
        VALUES ($address, $hostPort, $protocol, $container, $port, $owner, $createdAt)
        """,
        ("$address", port.Host.Address.ToString()), ("$hostPort", (long)port.Host.Port), ("$protocol", (long)port.Protocol), ("$container", port.Container.Value),
        ("$port", (long)port.Port), ("$owner", port.Owner), ("$createdAt", port.CreatedAt.UtcTicks));

    internal static void Delete(this Database.Writer writer, PublishedPort port) => writer.Run(
        "DELETE FROM port WHERE host_address = $address AND host_port = $hostPort AND protocol = $protocol",
        ("$address", port.Host.Address.ToString()), ("$hostPort", (long)port.Host.Port), ("$protocol", (long)port.Protocol));

    internal static void DeleteEndpoint(this Database.Writer writer, ContainerId container) => writer.Run("DELETE FROM endpoint WHERE container = $container", ("$container", container.Value));

    /// <summary>A container's endpoint, its ports, its places in networks, and every edge from and to it.</summary>
    internal static void DeleteNetworkOf(this Database.Writer writer, ContainerId container)
    {
        writer.Run("DELETE FROM member WHERE container = $container", ("$container", container.Value));
        writer.Run("DELETE FROM exposed WHERE container = $container", ("$container", container.Value));
        writer.Run("DELETE FROM edge WHERE source = $container OR target = $target", ("$container", container.Value), ("$target", new EdgeTarget.Container(container).Text));
        writer.Run("DELETE FROM port WHERE container = $container", ("$container", container.Value));
        writer.DeleteEndpoint(container);
    }

    private static DateTimeOffset Time(long ticks) => new(ticks, TimeSpan.Zero);
}
