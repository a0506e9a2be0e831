using System.Net;
using Quilt.Core;
using Quilt.Storage;

namespace Quilt.Network;

/// <summary>Networks, who is in them, and what those expose.</summary>
internal static partial class NetworkRows
{
    internal static List<ContainerNetwork> ReadNetworks(Database database) => database.Read(
        "SELECT id, name, policy, subnet, subnet6, egress, owner, lives_with, created_at FROM network",
        row => new ContainerNetwork
        {
            Id = row.GetString(0),
            Name = row.GetString(1),
            Policy = (NetworkPolicy)row.GetInt32(2),
            Subnet = IPNetwork.Parse(row.GetString(3)),
            Subnet6 = IPNetwork.Parse(row.GetString(4)),
            Egress = [.. Words(row.GetString(5)).Select(NetworkEgress.Parse)],
            Owner = row.GetString(6),
            LivesWith = row.GetString(7),
            CreatedAt = Time(row.GetInt64(8)),
        });

    internal static void Insert(this Database.Writer writer, ContainerNetwork network) => writer.Run(
        """
        INSERT INTO network (id, name, policy, subnet, subnet6, egress, owner, lives_with, created_at)
        VALUES ($id, $name, $policy, $subnet, $subnet6, $egress, $owner, $livesWith, $createdAt)
        """,
        ("$id", network.Id), ("$name", network.Name), ("$policy", (long)network.Policy), ("$subnet", network.Subnet.ToString()), ("$subnet6", network.Subnet6.ToString()),
        ("$egress", string.Join(' ', network.Egress.Select(e => e.Text))), ("$owner", network.Owner), ("$livesWith", network.LivesWith), ("$createdAt", network.CreatedAt.UtcTicks));

    /// <summary>With its members and the edges to it.</summary>
    internal static void Delete(this Database.Writer writer, ContainerNetwork network)
    {
        writer.Run("DELETE FROM edge WHERE target = $target", ("$target", new EdgeTarget.Members(network.Id).Text));
        writer.Run("DELETE FROM member WHERE network = $network", ("$network", network.Id));
        writer.Run("DELETE FROM network WHERE id = $id", ("$id", network.Id));
    }

    internal static List<Membership> ReadMembers(Database database) => database.Read(
        "SELECT network, container, number, aliases FROM member",
        row => new Membership(row.GetString(0), ContainerId.Parse(row.GetString(1)), (uint)row.GetInt64(2), Words(row.GetString(3))));

    /// <summary>Or its aliases, where it is there.</summary>
    internal static void Upsert(this Database.Writer writer, Membership member) => writer.Run(
        """
        INSERT INTO member (network, container, number, aliases) VALUES ($network, $container, $number, $aliases)
        ON CONFLICT (network, container) DO UPDATE SET aliases = excluded.aliases
        """,
        ("$network", member.Network), ("$container", member.Container.Value), ("$number", (long)member.Number), ("$aliases", string.Join(' ', member.Aliases)));

    internal static void Delete(this Database.Writer writer, Membership member) => writer.Run(
        "DELETE FROM member WHERE network = $network AND container = $container", ("$network", member.Network), ("$container", member.Container.Value));

    internal static List<ExposedPort> ReadExposed(Database database) => database.Read(
        "SELECT container, port, protocol, name FROM exposed",
        row => new ExposedPort(ContainerId.Parse(row.GetString(0)), (ushort)row.GetInt64(1), (TransportProtocol)row.GetInt64(2), row.IsDBNull(3) ? null : row.GetString(3)));

    /// <summary>Or its name, where it is there.</summary>
    internal static void Upsert(this Database.Writer writer, ExposedPort port) => writer.Run(
        """
        INSERT INTO exposed (container, port, protocol, name) VALUES ($container, $port, $protocol, $name)
        ON CONFLICT (container, port, protocol) DO UPDATE SET name = excluded.name
        """,
        ("$container", port.Container.Value), ("$port", (long)port.Port), ("$protocol", (long)port.Protocol), ("$name", port.Name));

    internal static void Delete(this Database.Writer writer, ExposedPort port) => writer.Run(
        "DELETE FROM exposed WHERE container = $container AND port = $port AND protocol = $protocol",
        ("$container", port.Container.Value), ("$port", (long)port.Port), ("$protocol", (long)port.Protocol));

    private static string[] Words(string text) => text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
}
