using System.Net;
using System.Text;
using Quilt.Core;
using Quilt.Linux;

namespace Quilt.Network;

/// <summary>Containers' links.</summary>
internal sealed partial class Fabric
{
    /// <summary>Gives a container its link, by which it sends and is sent to from its own addresses alone.</summary>
    /// <param name="attachments">The networks that it is in.</param>
    /// <exception cref="QuiltException">FailedPrecondition: the container has made itself a link of that name.</exception>
    internal void Plug(ContainerId id, Endpoint endpoint, IReadOnlyCollection<Attachment> attachments, FileDescriptor containerNamespace)
    {
        lock (_lock)
        {
            Opened fabric = Open();
            NetworkLink link = new(++_lastIndex, $"q{_lastIndex}", id.Value);
            HashSet<Endpoint> all = [endpoint, .. attachments.Select(a => a.Endpoint)];

            // In force before the link is up. What was there for the one before, which went with its network namespace, goes.
            SetElements.Commit(fabric.Netfilter, [
                .. _links.TryGetValue(id, out PluggedLink? before) ? LinkElements(SetElements.Remove, before.Link, before.Behind) : [], .. LinkElements(SetElements.Add, link, all)]);
            _links[id] = new PluggedLink(link, all);
            try
            {
                fabric.Route.Run([
                    RouteRequests.NewVeth(link.Index, link.Name, GatewayHardware, containerNamespace, Wiring.LinkName, endpoint.Hardware),
                    RouteRequests.Prepare(link.Index, link.Alias),
                    RouteRequests.SetUp(link.Index),
                ]);
                ConfigureInside(endpoint, attachments, containerNamespace);

                // Last: where they are, all is.
                fabric.Route.Run([.. all.SelectMany(e => WayTo(link, e, endpoint))]);
            }
            catch
            {
                fabric.Route.TryRun(RouteRequests.Delete(link.Index));
                SetElements.Commit(fabric.Netfilter, [.. LinkElements(SetElements.Remove, link, all)]);
                _links.Remove(id);
                throw;
            }
        }
    }

    /// <summary>Gives a container that has a link another address; nothing where it has none.</summary>
    internal void Attach(ContainerId id, Endpoint endpoint, Attachment attachment, FileDescriptor containerNamespace)
    {
        lock (_lock)
        {
            if (!_links.TryGetValue(id, out PluggedLink? plugged))
            {
                return;
            }

            Opened fabric = Open();
            SetElements.Commit(fabric.Netfilter, [.. LinkElements(SetElements.Add, plugged.Link, attachment.Endpoint)]);
            plugged.Behind.Add(attachment.Endpoint);
            try
            {
                using NetlinkSocket inside = NetlinkSocket.Open(NetlinkProtocol.Route, containerNamespace);
                inside.Run([.. WayFrom(IndexInside(inside), attachment)]);
                fabric.Route.Run([.. WayTo(plugged.Link, attachment.Endpoint, endpoint)]);
            }
            catch
            {
                Detach(id, endpoint, attachment, containerNamespace);
                throw;
            }
        }
    }

    /// <summary>Takes the address away again, wherever it is.</summary>
    /// <param name="containerNamespace">Null: the container's is gone.</param>
    internal void Detach(ContainerId id, Endpoint endpoint, Attachment attachment, FileDescriptor? containerNamespace)
    {
        lock (_lock)
        {
            if (!_links.TryGetValue(id, out PluggedLink? plugged) || !plugged.Behind.Contains(attachment.Endpoint))
            {
                return;
            }

            Opened fabric = Open();
            SetElements.Commit(fabric.Netfilter, [.. LinkElements(SetElements.Remove, plugged.Link, attachment.Endpoint)]);
            plugged.Behind.Remove(attachment.Endpoint);

            // What the container has changed itself, or went with its link, is not there to be taken away.
            fabric.Route.TryRun([.. Addresses(attachment.Endpoint).SelectMany(a => (NetlinkRequest[])[
                RouteRequests.RemoveRoute(plugged.Link.Index, a.Alone, null), RouteRequests.RemoveNeighbour(plugged.Link.Index, a, endpoint.Hardware)])]);
            if (containerNamespace is null)
            {
                return;
            }

            using NetlinkSocket inside = NetlinkSocket.Open(NetlinkProtocol.Route, containerNamespace);
            if (NetworkLink.All(inside).FirstOrDefault(l => l.Name == Wiring.LinkName) is { Index: > 0 and var index })
            {
                inside.TryRun([.. Families(attachment).SelectMany(f => (NetlinkRequest[])[RouteRequests.RemoveRoute(index, f.Members, f.Gateway), RouteRequests.RemoveAddress(index, f.Address)])]);
            }
        }
    }

    /// <summary>What was a container's is nobody's any more. Its link goes with its network namespace: to take it away ourselves would be waiting for the kernel (15 ms).</summary>
    internal void Forget(ContainerId id)
    {
        lock (_lock)
        {
            if (_links.Remove(id, out PluggedLink? plugged))
            {
                SetElements.Commit(Open().Netfilter, [.. LinkElements(SetElements.Remove, plugged.Link, plugged.Behind)]);
            }
        }
    }

    /// <summary>Whether a container's link is there.</summary>
    internal bool IsPlugged(ContainerId id)
    {
        lock (_lock)
        {
            return _links.ContainsKey(id);
        }
    }

    private void RepairLinks(Opened fabric, Declared declared, List<string> drift)
    {
        IReadOnlyList<NetworkLink> present = NetworkLink.All(fabric.Route);
        _links.Clear();
        foreach (NetworkLink link in present.Where(l => l.Index != Loopback))
        {
            if (ContainerId.TryParse(link.Alias, out ContainerId id) && declared.Endpoints.ContainsKey(id))
            {
                _links[id] = new PluggedLink(link, [declared.Endpoints[id], .. declared.Attachments[id].Select(a => a.Endpoint)]);
            }
            else if (link.Alias.Length > 0)
            {
                // One of a container that is gone, whose namespace somebody holds.
                fabric.Route.TryRun(RouteRequests.Delete(link.Index));
            }
        }

        // Those of links that went with a container that ended stay until now.
        (NetworkLink Link, Endpoint Endpoint)[] all = [.. _links.Values.SelectMany(l => l.Behind.Select(e => (l.Link, e)))];
        RepairElements(fabric, "links4", [.. all.Select(l => LinkKey(l.Link, l.Endpoint.Address))], drift, tellsOfMore: false);
        RepairElements(fabric, "links6", NetworkHost.HasIpv6 ? [.. all.Select(l => LinkKey(l.Link, l.Endpoint.Address6))] : [], drift, tellsOfMore: false);
        RepairWays(fabric, declared, drift);
    }

    /// <summary>A daemon may have ended between what it wrote down and what it did.</summary>
    private void RepairWays(Opened fabric, Declared declared, List<string> drift)
    {
        HashSet<(IPNetwork, int)> present = [.. KnownRoute.All(fabric.Route, RouteRequests.Family(Gateway)).Concat(NetworkHost.HasIpv6 ? KnownRoute.All(fabric.Route, RouteRequests.Family(Gateway6)) : []).Select(r => (r.To, r.Link))];
        int missing = 0;
        foreach ((ContainerId id, PluggedLink plugged) in _links)
        {
            Endpoint own = declared.Endpoints[id];
            bool Misses(Endpoint endpoint) => Addresses(endpoint).Any(a => !present.Contains((a.Alone, plugged.Link.Index)));
            Endpoint[] unreached = [.. plugged.Behind.Where(Misses)];
            if (unreached.Length == 0)
            {
                continue;
            }

            missing += unreached.Length;
            try
            {
                using FileDescriptor? inside = calls.NetworkNamespaceOf(id);
                if (inside is not null)
                {
                    ConfigureInside(own, [.. declared.Attachments[id]], inside);
                    fabric.Route.Run([.. unreached.SelectMany(e => WayTo(plugged.Link, e, own))]);
                }
            }
            catch (Exception e) when (e is SyscallException or QuiltException)
            {
                drift.Add($"the container {id} cannot be given its addresses: {e.Message}");
            }
        }

        if (missing > 0)
        {
            drift.Add($"{missing} containers' addresses had no route");
        }
    }

    private static void ConfigureInside(Endpoint endpoint, IReadOnlyCollection<Attachment> attachments, FileDescriptor containerNamespace)
    {
        using NetlinkSocket inside = NamespaceThread.Run(containerNamespace, () =>
        {
            // Whoever may reach another may ping it, without a capability (icmp(7)).
            File.WriteAllText("/proc/sys/net/ipv4/ping_group_range", "0 2147483647");
            return NetlinkSocket.Open(NetlinkProtocol.Route);
        });
        int index = IndexInside(inside);
        inside.Run([
            RouteRequests.Prepare(index, "quilt"),
            .. Addresses(endpoint).Select(a => RouteRequests.AddAddress(index, a)),
            RouteRequests.SetUp(index),
            .. Addresses(endpoint).SelectMany(a => (NetlinkRequest[])[
                RouteRequests.AddNeighbour(index, GatewayOf(a), GatewayHardware),
                RouteRequests.AddRoute(index, null, GatewayOf(a), RouteRequests.Family(a), a),
            ]),
            .. attachments.SelectMany(a => WayFrom(index, a)),
        ]);
    }

    private static int IndexInside(NetlinkSocket inside) => NetworkLink.All(inside).FirstOrDefault(l => l.Name == Wiring.LinkName) is { Index: > 0 and var index }
        ? index
        : throw new QuiltException(ErrorCode.FailedPrecondition, $"the container has no link {Wiring.LinkName}: it has renamed or removed it", "restart the container");

    /// <summary>In the fabric.</summary>
    /// <param name="own">The container's own, which has the link's hardware address.</param>
    private static IEnumerable<NetlinkRequest> WayTo(NetworkLink link, Endpoint endpoint, Endpoint own) => Addresses(endpoint).SelectMany(a => (NetlinkRequest[])[
        RouteRequests.AddNeighbour(link.Index, a, own.Hardware),
        RouteRequests.AddRoute(link.Index, a.Alone, null, RouteRequests.Family(a)),
    ]);

    /// <summary>In the container: to the other members from the network's address.</summary>
    private static IEnumerable<NetlinkRequest> WayFrom(int index, Attachment attachment) => Families(attachment).SelectMany(f => (NetlinkRequest[])[
        RouteRequests.AddAddress(index, f.Address),
        RouteRequests.AddRoute(index, f.Members, f.Gateway, RouteRequests.Family(f.Address), f.Address),
    ]);

    private static IEnumerable<(IPAddress Address, IPNetwork Members, IPAddress Gateway)> Families(Attachment attachment) =>
        Addresses(attachment.Endpoint).Select(a => (a, RouteRequests.Family(a) == RouteRequests.Family(IPAddress.Any) ? attachment.Members.Four : attachment.Members.Six, GatewayOf(a)));

    private static IEnumerable<IPAddress> Addresses(Endpoint endpoint) => NetworkHost.HasIpv6 ? [endpoint.Address, endpoint.Address6] : [endpoint.Address];

    private static IPAddress GatewayOf(IPAddress address) => address.AddressFamily == Gateway.AddressFamily ? Gateway : Gateway6;

    private static IEnumerable<NetlinkRequest> LinkElements(Func<string, IEnumerable<byte[]>, NetlinkRequest> change, NetworkLink link, params IReadOnlyCollection<Endpoint> endpoints)
    {
        yield return change("links4", endpoints.Select(e => LinkKey(link, e.Address)));
        if (NetworkHost.HasIpv6)
        {
            yield return change("links6", endpoints.Select(e => LinkKey(link, e.Address6)));
        }
    }

    private static byte[] LinkKey(NetworkLink link, IPAddress address)
    {
        byte[] key = new byte[InterfaceNameSize + address.GetAddressBytes().Length];
        Encoding.ASCII.GetBytes(link.Name, key);
        address.GetAddressBytes().CopyTo(key.AsSpan(InterfaceNameSize));
        return key;
    }
}
