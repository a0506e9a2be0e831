using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using Quilt.Core;
using Quilt.Linux;
using Quilt.Network;
using Quilt.Storage;
using Quilt.Testing;
using Xunit;

namespace Quilt.Daemon.Tests;

/// <summary>What the wiring makes of a change that cannot be written down, or is asked for again. The kernel is the real one; the containers are names alone.</summary>
public sealed class WiringTests : IDisposable
{
    private readonly ContainerId _web = ContainerId.New(), _db = ContainerId.New();
    private readonly TemporaryFolder _folder = new();
    private readonly Database _database;
    private readonly Wiring _wiring;

    public WiringTests()
    {
        _database = Database.Open(_folder["db"]);
        WiringOptions options = new()
        {
            RunDir = _folder.Path,
            Pool = "10.201.0.0/16",
            Subnets = "10.202.0.0/16",
            NameOf = _ => null,
            NetworkNamespaceOf = _ => null,
            Decided = _ => { },
        };
        _wiring = Wiring.Open(options, _database, new HashSet<ContainerId> { _web, _db }, NullLogger.Instance);
    }

    [Fact]
    public void What_was_severed_and_could_not_be_written_down_can_be_severed_again()
    {
        string network = Network();
        foreach ((EdgeTarget to, string set) in ((EdgeTarget, string)[])[(new EdgeTarget.Container(_db), "edges4"), (new EdgeTarget.Members(network), "reaches4")])
        {
            Edge edge = Draw(to);
            Assert.Equal(1, Elements(set));
            Assert.Throws<QuiltException>(() => _wiring.Sever(edge.Id, (_, _) => throw Database.DiskFull(new IOException())));
            Assert.Equal(0, Elements(set));
            Assert.NotNull(_wiring.Sever(edge.Id, (_, _) => { }));
            Assert.Null(_wiring.TryGet(edge.Id));
            Assert.Equal(0, Elements(set));
        }

        Assert.Empty(NetworkRows.ReadEdges(_database));
    }

    [Fact]
    public void What_was_severed_after_somebody_took_its_rules_is_severed_all_the_same()
    {
        string network = Network();
        EdgeTarget[] targets = [new EdgeTarget.Container(_db), new EdgeTarget.Members(network), new EdgeTarget.Range(IPNetwork.Parse("192.0.0.0/16")), new EdgeTarget.Range(IPNetwork.Parse("192.0.2.0/24"))];
        Edge[] edges = [.. targets.Select(t => Draw(t))];
        Edge left = Draw(new EdgeTarget.Range(IPNetwork.Parse("198.51.100.0/24")));
        using (FileDescriptor fabric = TestFabric.OpenFabric(_folder.Path))
        using (NetlinkSocket netfilter = NetlinkSocket.Open(NetlinkProtocol.Netfilter, fabric))
        {
            SetElements.Commit(netfilter, [.. ((string[])["edges4", "reaches4", "exits4"]).Select(SetElements.Clear)]);
        }

        Assert.All(edges, e => Assert.NotNull(_wiring.Sever(e.Id, (_, _) => { })));
        _wiring.Repair();
        Assert.Equal((0, 0, 1), (Elements("edges4"), Elements("reaches4"), Elements("exits4")));
        _wiring.Sever(left.Id, (_, _) => { });
        Assert.Equal(0, Elements("exits4"));
    }

    [Fact]
    public void What_is_not_admitted_leaves_nothing_and_what_is_there_already_is_not_asked_about()
    {
        ExposedPort exposed = new(_web, 80, TransportProtocol.Tcp, null);
        PublishedPort bound = new() { Container = _web, Port = 80, Host = new IPEndPoint(IPAddress.Loopback, 0), Protocol = TransportProtocol.Tcp, Owner = "", CreatedAt = DateTimeOffset.UnixEpoch };
        Edge edge = Draw(new EdgeTarget.Container(_db));
        _wiring.Expose(exposed, (_, _) => { });
        bound = _wiring.Publish(bound, (_, _) => { }).Port;
        (_wiring.AdmitEdge, _wiring.AdmitPort) = (Refuse, Refuse);
        Assert.Equal(edge.Id, Draw(new EdgeTarget.Container(_db)).Id);
        Assert.False(_wiring.Expose(exposed with { Name = "named" }, (_, _) => { }));
        Assert.False(_wiring.Publish(bound, (_, _) => { }).IsNew);
        Assert.Throws<QuiltException>(() => Draw(new EdgeTarget.Range(IPNetwork.Parse("192.0.2.0/24"))));
        Assert.Throws<QuiltException>(() => _wiring.Expose(exposed with { Port = 81 }, (_, _) => { }));
        Assert.Throws<QuiltException>(() => _wiring.Publish(bound with { Host = new IPEndPoint(IPAddress.Loopback, 0) }, (_, _) => { }));
        Assert.Equal((1, 2, 0), (_wiring.CountEdges(new HashSet<ContainerId> { _web, _db }), _wiring.CountPorts(new HashSet<ContainerId> { _web, _db }), _wiring.CountEdges(new HashSet<ContainerId> { _db })));
        Assert.Equal((1, 1, 1), (NetworkRows.ReadEdges(_database).Count, NetworkRows.ReadExposed(_database).Count, NetworkRows.ReadPorts(_database).Count));

        static void Refuse(ContainerId id) => throw new QuiltException(ErrorCode.ResourceExhausted, "no more", "none", null);
    }

    [Fact]
    public void What_was_forgotten_and_could_not_be_written_down_is_forgotten_by_the_next_try_with_all_that_is_told_of_it()
    {
        string network = Network();
        Draw(new EdgeTarget.Container(_db));
        Assert.Throws<QuiltException>(() => _wiring.Forget(_db, (_, _) => { }, (_, _) => throw Database.DiskFull(new IOException())));
        (int edges, int networks) = (0, 0);
        Assert.Single(_wiring.Forget(_db, (_, _) => edges++, (_, left) => networks += left.Id == network ? 1 : 0));
        Assert.Equal((1, 1), (edges, networks));
        Assert.Empty(NetworkRows.ReadMembers(_database));
        Assert.Equal((0, 0), (Elements("edges4"), Elements("open4")));
    }

    [Fact]
    public void An_edge_whose_time_is_over_is_shut_by_a_check_and_open_again_where_it_is_given_more()
    {
        string network = Network();
        foreach ((EdgeTarget to, string set) in ((EdgeTarget, string)[])
            [(new EdgeTarget.Container(_db), "edges4"), (new EdgeTarget.Members(network), "reaches4"), (new EdgeTarget.Range(IPNetwork.Parse("192.0.2.0/24")), "exits4")])
        {
            Edge edge = Draw(to, DateTimeOffset.UnixEpoch);
            _wiring.Repair();
            Assert.Equal(0, Elements(set));
            Assert.Equal(edge, _wiring.TryGet(edge.Id));
            Assert.Equal(edge.Id, Draw(to).Id);
            Assert.Equal(1, Elements(set));
            _wiring.Sever(edge.Id, (_, _) => { });
        }
    }

    [Fact]
    public void A_container_exposes_so_many_ports_and_the_same_one_again_is_no_other()
    {
        for (ushort port = 1; port <= Wiring.MostExposed; port++)
        {
            Assert.True(_wiring.Expose(new ExposedPort(_web, port, TransportProtocol.Tcp, null), (_, _) => { }));
        }

        QuiltException more = Assert.Throws<QuiltException>(() => _wiring.Expose(new ExposedPort(_web, 1, TransportProtocol.Udp, null), (_, _) => { }));
        Assert.Equal((ErrorCode.ResourceExhausted, "port"), (more.Code, more.Field));
        Assert.False(_wiring.Expose(new ExposedPort(_web, 1, TransportProtocol.Tcp, "named"), (_, _) => { }));
        Assert.True(_wiring.Expose(new ExposedPort(_db, 1, TransportProtocol.Tcp, null), (_, _) => { }));
    }

    [Fact]
    public void A_port_that_is_published_again_is_not_new_and_one_that_the_host_does_not_open_is_refused_as_that()
    {
        PublishedPort asked = new() { Container = _web, Port = 80, Host = new IPEndPoint(IPAddress.Loopback, 0), Protocol = TransportProtocol.Tcp, Owner = "", CreatedAt = DateTimeOffset.UnixEpoch };
        (PublishedPort port, bool isNew) = _wiring.Publish(asked, (_, _) => { });
        Assert.True(isNew);
        Assert.Equal((port, false), _wiring.Publish(asked with { Host = port.Host }, (_, _) => Assert.Fail("it is told of once")));
        QuiltException taken = Assert.Throws<QuiltException>(() => _wiring.Publish(asked with { Host = port.Host, Port = 81 }, (_, _) => { }));
        Assert.Equal((ErrorCode.AlreadyExists, "hostPort"), (taken.Code, taken.Field));

        // An address of a link needs to say of which.
        QuiltException refused = Assert.Throws<QuiltException>(() => _wiring.Publish(asked with { Host = new IPEndPoint(IPAddress.Parse("fe80::1"), 0) }, (_, _) => { }));
        Assert.Equal((ErrorCode.FailedPrecondition, "hostIp"), (refused.Code, refused.Field));
        Assert.Single(_wiring.Ports);
    }

    public void Dispose()
    {
        _wiring.Dispose();
        _database.Dispose();
        _folder.Dispose();
    }

    /// <returns>The id of one that the second container is in.</returns>
    private string Network()
    {
        string id = _wiring.CreateNetwork(new NewNetwork("n", NetworkPolicy.Open, ""), (_, _) => { }).Id;
        _wiring.Join(id, _db, [], null, (_, _) => { });
        return id;
    }

    private Edge Draw(EdgeTarget to, DateTimeOffset? expires = null) => _wiring.Establish(
        new Edge { Id = Wiring.NewId(), From = _web, To = to, Port = 80, Protocol = TransportProtocol.Tcp, Owner = "", CreatedAt = DateTimeOffset.UtcNow, ExpiresAt = expires }, (_, _) => { }).Edge;

    private int Elements(string set)
    {
        using FileDescriptor fabric = TestFabric.OpenFabric(_folder.Path);
        using NetlinkSocket netfilter = NetlinkSocket.Open(NetlinkProtocol.Netfilter, fabric);
        return SetElements.Read(netfilter, set).Count;
    }
}
