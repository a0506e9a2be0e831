using System.Net;
using System.Net.NetworkInformation;
using System.Text;
using Microsoft.Extensions.Logging;
using Quilt.Core;
using Quilt.Linux;

namespace Quilt.Network;

/// <summary>
/// The kernel's side of the wiring: containers' links, and what may pass between them. Routed, no bridge: every packet crosses the one
/// forward chain. Nothing of it exists before the first edge.
/// </summary>
internal sealed class Fabric(string runDir, AddressPool pool, FlowEnding ending, FabricCalls calls, ILogger logger) : IDisposable
{
    private const string Ruleset = "quilt.nft";
    private const int Loopback = 1, InterfaceNameSize = 16, ElementsAtOnce = 256;

    // What a container sends all its packets to, and asks for names.
    private static readonly IPAddress Gateway = IPAddress.Parse(Wiring.NameServer), Gateway6 = IPAddress.Parse("fe80::1");
    private static readonly PhysicalAddress GatewayHardware = new([0x02, 0x51, 0xff, 0xff, 0xff, 0xff]);

    private readonly Lock _lock = new();
    private readonly Dictionary<ContainerId, NetworkLink> _links = [];
    private readonly Dictionary<ContainerId, HashSet<Exit>> _exits = [];
    private Opened? _opened;
    private int _lastIndex;

    /// <summary>Gives a container its link, by which it sends and is sent to from its own address alone.</summary>
    /// <exception cref="QuiltException">FailedPrecondition: the container has made itself a link of that name.</exception>
    internal void Plug(ContainerId id, Endpoint endpoint, FileDescriptor containerNamespace)
    {
        lock (_lock)
        {
            Opened fabric = Open();
            NetworkLink link = new(++_lastIndex, $"q{_lastIndex}", id.Value);
            List<NetlinkRequest> rules = [];
            if (_links.TryGetValue(id, out NetworkLink before))
            {
                rules.AddRange(LinkElements(SetElements.Remove, before, endpoint));
            }

            // In force before the link is up.
            SetElements.Commit(fabric.Netfilter, [.. rules, .. LinkElements(SetElements.Add, link, endpoint)]);
            try
            {
                fabric.Route.Run([
                    RouteRequests.NewVeth(link.Index, link.Name, GatewayHardware, containerNamespace, Wiring.LinkName, endpoint.Hardware),
                    RouteRequests.Prepare(link.Index, link.Alias),
                    RouteRequests.SetUp(link.Index),
                    .. Families(endpoint).SelectMany(a => (NetlinkRequest[])[
                        RouteRequests.AddNeighbour(link.Index, a.Address, endpoint.Hardware),
                        RouteRequests.AddRoute(link.Index, a.Address.Alone, null, RouteRequests.Family(a.Address)),
                    ]),
                ]);
                ConfigureInside(endpoint, containerNamespace);
            }
            catch
            {
                fabric.Route.TryRun(RouteRequests.Delete(link.Index));
                SetElements.Commit(fabric.Netfilter, [.. LinkElements(SetElements.Remove, link, endpoint)]);
                _links.Remove(id);
                throw;
            }

            _links[id] = link;
        }
    }

    /// <summary>What was a container's is nobody's any more. Its link goes with its network namespace: to take it away ourselves would be waiting for the kernel (15 ms).</summary>
    internal void Forget(ContainerId id, Endpoint endpoint)
    {
        lock (_lock)
        {
            if (_links.Remove(id, out NetworkLink link))
            {
                SetElements.Commit(Open().Netfilter, [.. LinkElements(SetElements.Remove, link, endpoint)]);
            }
        }
    }

    internal void Allow(Flow flow)
    {
        lock (_lock)
        {
            ending.Await(flow);
            SetElements.Commit(Open().Netfilter, [.. Elements(SetElements.Add, [flow])]);
        }
    }

    /// <summary>From now on no packet passes; the ends of what flowed are told soon after.</summary>
    internal void Deny(params IReadOnlyCollection<(Flow Flow, ContainerId From, ContainerId To)> gone)
    {
        lock (_lock)
        {
            Opened fabric = Open();
            SetElements.Commit(fabric.Netfilter, [.. Elements(SetElements.Remove, [.. gone.Select(g => g.Flow)])]);
            ending.Begin(gone, () => fabric.Namespace.OpenNetlink(NetlinkProtocol.Netfilter));
        }
    }

    /// <summary>What one has carried.</summary>
    internal Traffic Traffic(Flow flow)
    {
        lock (_lock)
        {
            Opened fabric = Open();
            return SetElements.Read(fabric.Netfilter, "edges4", flow.Key4) + (NetworkHost.HasIpv6 ? SetElements.Read(fabric.Netfilter, "edges6", flow.Key6) : default);
        }
    }

    /// <summary>What each of them has carried.</summary>
    internal IReadOnlyDictionary<Flow, Traffic> Traffic(IReadOnlyCollection<Flow> flows)
    {
        lock (_lock)
        {
            if (flows.Count == 0)
            {
                return new Dictionary<Flow, Traffic>();
            }

            Opened fabric = Open();
            Dictionary<byte[], Traffic> four = SetElements.Read(fabric.Netfilter, "edges4"), six = SetElements.Read(fabric.Netfilter, "edges6");
            return flows.ToDictionary(f => f, f => four.GetValueOrDefault(f.Key4) + six.GetValueOrDefault(f.Key6));
        }
    }

    /// <summary>Sends these connections of a container to the gate, and no others of it.</summary>
    /// <param name="wanted">None of them within another.</param>
    internal void SetExits(ContainerId from, HashSet<Exit> wanted)
    {
        lock (_lock)
        {
            HashSet<Exit> present = _exits.GetValueOrDefault(from) ?? new HashSet<Exit>();
            SetElements.Commit(Open().Netfilter, [
                .. ExitElements(SetElements.Remove, present.Where(e => !wanted.Contains(e))), .. ExitElements(SetElements.Add, wanted.Where(e => !present.Contains(e)))]);
            if (wanted.Count > 0)
            {
                _exits[from] = wanted;
            }
            else
            {
                _exits.Remove(from);
            }
        }
    }

    /// <summary>What the work opens belongs to the fabric's namespace.</summary>
    internal T Run<T>(Func<T> work)
    {
        lock (_lock)
        {
            return Open().Namespace.Run(work);
        }
    }

    /// <summary>Ends all connections to the outside over an edge.</summary>
    internal void CloseGate(string edge) => _opened?.Gate?.Close(edge);

    /// <summary>Bytes that an edge to the outside has carried.</summary>
    internal ulong CarriedOutside(string edge) => _opened?.Gate?.CarriedOver(edge) ?? 0;

    /// <summary>Brings the kernel to what is declared.</summary>
    /// <param name="endpoints">Whose links may be there.</param>
    /// <param name="exits">See <see cref="SetExits"/>.</param>
    /// <returns>What was otherwise; empty where nothing was.</returns>
    internal IReadOnlyList<string> Repair(IReadOnlyDictionary<ContainerId, Endpoint> endpoints, IReadOnlyCollection<Flow> flows, IReadOnlyDictionary<ContainerId, HashSet<Exit>> exits)
    {
        lock (_lock)
        {
            List<string> drift = [];
            Opened fabric = Open();
            if (!HasRules(fabric))
            {
                drift.Add("the rules were gone");
                LoadRules(fabric);
            }

            RepairLinks(fabric, endpoints, drift);
            RepairElements(fabric, "edges4", [.. flows.Select(f => f.Key4)], drift);
            RepairElements(fabric, "edges6", NetworkHost.HasIpv6 ? [.. flows.Select(f => f.Key6)] : [], drift);
            RepairExits(fabric, exits, drift);
            return drift;
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

    /// <summary>It was looked at, and no link is in it: it can be made anew as it was declared.</summary>
    internal bool IsEmpty
    {
        get
        {
            lock (_lock)
            {
                return _opened is { } fabric && NetworkLink.All(fabric.Route).All(l => l.Alias.Length == 0);
            }
        }
    }

    /// <summary>Takes it all away; there is nobody in it any more.</summary>
    internal void Remove()
    {
        lock (_lock)
        {
            ending.AwaitAll();
            _opened?.Dispose();
            _opened = null;
            _links.Clear();
            _exits.Clear();
            FabricNamespace.Remove(runDir);
        }
    }

    public void Dispose()
    {
        ending.AwaitAll();
        _opened?.Dispose();
    }

    private Opened Open()
    {
        if (_opened is not null)
        {
            return _opened;
        }

        FabricNamespace @namespace = FabricNamespace.OpenOrMake(runDir);
        Opened? fabric = null;
        try
        {
            fabric = new Opened(@namespace, @namespace.OpenNetlink(NetlinkProtocol.Route), @namespace.OpenNetlink(NetlinkProtocol.Netfilter));
            SetUp(fabric);
            foreach (NetworkLink link in NetworkLink.All(fabric.Route))
            {
                _lastIndex = Math.Max(_lastIndex, link.Index);
                if (ContainerId.TryParse(link.Alias, out ContainerId id))
                {
                    _links[id] = link;
                }
            }

            fabric = fabric with { Resolver = Resolver.Start(@namespace, Gateway, calls.LookUpAsync, logger) };
            IPAddress[] gates = NetworkHost.HasIpv6 ? [Gateway, pool.Own6] : [Gateway];
            return _opened = fabric with { Gate = Gate.Open(@namespace, gates, calls, logger) };
        }
        catch
        {
            fabric?.Dispose();
            if (@namespace.IsNew)
            {
                FabricNamespace.Remove(runDir);
            }

            throw;
        }
    }

    /// <summary>As far as it is not: a daemon may have ended in the middle of it.</summary>
    private void SetUp(Opened fabric)
    {
        if (fabric.Namespace.IsNew || !HasRules(fabric))
        {
            LoadRules(fabric);
        }

        fabric.Route.Run([RouteRequests.SetUp(Loopback), RouteRequests.AddAddress(Loopback, pool.Own), RouteRequests.AddAddress(Loopback, Gateway), .. NetworkHost.HasIpv6 ? (NetlinkRequest[])[RouteRequests.AddAddress(Loopback, pool.Own6)] : []]);
    }

    private void LoadRules(Opened fabric)
    {
        using Stream resource = typeof(Fabric).Assembly.GetManifestResourceStream(Ruleset)!;
        using StreamReader reader = new(resource);
        fabric.Namespace.Load($"define own6 = {pool.Own6}\ntable inet {SetElements.Table}\ndelete table inet {SetElements.Table}\n{reader.ReadToEnd()}");

        // Connection tracking has its settings when the rules have asked for it.
        fabric.Namespace.Configure();
    }

    private static bool HasRules(Opened fabric)
    {
        try
        {
            SetElements.Read(fabric.Netfilter, "links4");
            return true;
        }
        catch (SyscallException e) when (e.Errno == Errno.ENOENT)
        {
            return false;
        }
    }

    private void RepairLinks(Opened fabric, IReadOnlyDictionary<ContainerId, Endpoint> endpoints, List<string> drift)
    {
        IReadOnlyList<NetworkLink> present = NetworkLink.All(fabric.Route);
        _links.Clear();
        foreach (NetworkLink link in present.Where(l => l.Index != Loopback))
        {
            if (ContainerId.TryParse(link.Alias, out ContainerId id) && endpoints.ContainsKey(id))
            {
                _links[id] = link;
            }
            else if (link.Alias.Length > 0)
            {
                // One of a container that is gone, whose namespace somebody holds.
                fabric.Route.TryRun(RouteRequests.Delete(link.Index));
            }
        }

        // Those of links that went with a container that ended stay until now.
        RepairElements(fabric, "links4", [.. _links.Select(l => LinkKey(l.Value, endpoints[l.Key].Address))], drift, tellsOfMore: false);
        RepairElements(fabric, "links6", NetworkHost.HasIpv6 ? [.. _links.Select(l => LinkKey(l.Value, endpoints[l.Key].Address6))] : [], drift, tellsOfMore: false);
    }

    private void RepairExits(Opened fabric, IReadOnlyDictionary<ContainerId, HashSet<Exit>> exits, List<string> drift)
    {
        foreach ((string set, bool six) in ((string, bool)[])[("exits4", false), ("exits6", true)])
        {
            Exit[] declared = [.. exits.Values.SelectMany(e => e).Where(e => e.IsSix == six)];
            Dictionary<byte[], Traffic> present = SetElements.Read(fabric.Netfilter, set);
            if (declared.Length != present.Count || declared.Any(e => !present.ContainsKey(e.First)))
            {
                drift.Add($"{set} was not as declared");
                SetElements.Commit(fabric.Netfilter, [SetElements.Clear(set), .. ExitElements(SetElements.Add, declared)]);
            }
        }

        _exits.Clear();
        foreach ((ContainerId from, HashSet<Exit> own) in exits.Where(e => e.Value.Count > 0))
        {
            _exits[from] = own;
        }
    }

    private static IEnumerable<NetlinkRequest> ExitElements(Func<string, IEnumerable<(byte[] First, byte[] Last)>, NetlinkRequest> change, IEnumerable<Exit> exits) =>
        exits.GroupBy(e => e.IsSix).SelectMany(family => family.Chunk(ElementsAtOnce).Select(some => change(family.Key ? "exits6" : "exits4", some.Select(e => (e.First, e.Last)))));

    private static void RepairElements(Opened fabric, string set, List<byte[]> declared, List<string> drift, bool tellsOfMore = true)
    {
        Dictionary<byte[], Traffic> present = SetElements.Read(fabric.Netfilter, set);
        List<byte[]> missing = [.. declared.Where(k => !present.ContainsKey(k))];
        foreach (byte[] key in declared)
        {
            present.Remove(key);
        }

        if (missing.Count > 0)
        {
            drift.Add($"{missing.Count} elements of {set} were missing");
        }

        if (present.Count > 0 && tellsOfMore)
        {
            drift.Add($"{present.Count} elements of {set} were too many");
        }

        SetElements.Commit(fabric.Netfilter, [
            .. present.Keys.Chunk(ElementsAtOnce).Select(c => SetElements.Remove(set, c)),
            .. missing.Chunk(ElementsAtOnce).Select(c => SetElements.Add(set, c)),
        ]);
    }

    private static void ConfigureInside(Endpoint endpoint, FileDescriptor containerNamespace)
    {
        using NetlinkSocket inside = NetlinkSocket.Open(NetlinkProtocol.Route, containerNamespace);
        int index = NetworkLink.All(inside).First(l => l.Name == Wiring.LinkName).Index;
        inside.Run([
            RouteRequests.Prepare(index, "quilt"),
            .. Families(endpoint).Select(a => RouteRequests.AddAddress(index, a.Address)),
            RouteRequests.SetUp(index),
            .. Families(endpoint).SelectMany(a => (NetlinkRequest[])[
                RouteRequests.AddNeighbour(index, a.Gateway, GatewayHardware),
                RouteRequests.AddRoute(index, null, a.Gateway, RouteRequests.Family(a.Address)),
            ]),
        ]);
    }

    private static IEnumerable<(IPAddress Address, IPAddress Gateway)> Families(Endpoint endpoint) =>
        NetworkHost.HasIpv6 ? [(endpoint.Address, Gateway), (endpoint.Address6, Gateway6)] : [(endpoint.Address, Gateway)];

    private static IEnumerable<NetlinkRequest> LinkElements(Func<string, IEnumerable<byte[]>, NetlinkRequest> change, NetworkLink link, Endpoint endpoint)
    {
        yield return change("links4", [LinkKey(link, endpoint.Address)]);
        if (NetworkHost.HasIpv6)
        {
            yield return change("links6", [LinkKey(link, endpoint.Address6)]);
        }
    }

    private static IEnumerable<NetlinkRequest> Elements(Func<string, IEnumerable<byte[]>, NetlinkRequest> change, IReadOnlyCollection<Flow> flows)
    {
        foreach (Flow[] some in flows.Chunk(ElementsAtOnce))
        {
            yield return change("edges4", some.Select(f => f.Key4));
            if (NetworkHost.HasIpv6)
            {
                yield return change("edges6", some.Select(f => f.Key6));
            }
        }
    }

    private static byte[] LinkKey(NetworkLink link, IPAddress address)
    {
        byte[] key = new byte[InterfaceNameSize + address.GetAddressBytes().Length];
        Encoding.ASCII.GetBytes(link.Name, key);
        address.GetAddressBytes().CopyTo(key.AsSpan(InterfaceNameSize));
        return key;
    }

    private sealed record Opened(FabricNamespace Namespace, NetlinkSocket Route, NetlinkSocket Netfilter) : IDisposable
    {
        internal Resolver? Resolver { get; init; }
        internal Gate? Gate { get; init; }

        public void Dispose()
        {
            Gate?.Dispose();
            Resolver?.Dispose();
            Route.Dispose();
            Netfilter.Dispose();
            Namespace.Dispose();
        }
    }
}
