using System.Net;
using System.Net.NetworkInformation;
using Microsoft.Extensions.Logging;
using Quilt.Core;
using Quilt.Linux;

namespace Quilt.Network;

/// <summary>
/// The kernel's side of the wiring: containers' links, and what may pass between them. Routed, no bridge: every packet crosses the one
/// forward chain. Nothing of it exists before the first edge.
/// </summary>
internal sealed partial class Fabric(string runDir, AddressPool pool, FlowEnding ending, FabricCalls calls, ILogger logger) : IDisposable
{
    private const int Loopback = 1, InterfaceNameSize = 16, ElementsAtOnce = 256;

    // To ask for each by itself is faster than to ask for all that there are.
    private const int Few = 16;
    private static readonly string[] NetworkSets = ["open4", "open6", "exposed4", "exposed6", "reaches4", "reaches6"];

    // What a container sends all its packets to, and asks for names.
    private static readonly IPAddress Gateway = IPAddress.Parse(Wiring.NameServer), Gateway6 = IPAddress.Parse("fe80::1");
    private static readonly PhysicalAddress GatewayHardware = new([0x02, 0x51, 0xff, 0xff, 0xff, 0xff]);

    private readonly Lock _lock = new();
    private readonly Dictionary<ContainerId, PluggedLink> _links = [];
    private readonly Dictionary<ContainerId, HashSet<Exit>> _exits = [];
    private readonly Ruleset _rules = new(pool);
    private Opened? _opened;

    // The elements' counters have been there since their edges were drawn.
    private bool _countsAll = true;
    private int _lastIndex;

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
    /// <returns>What was otherwise; empty where nothing was.</returns>
    internal IReadOnlyList<string> Repair(Declared declared)
    {
        lock (_lock)
        {
            List<string> drift = [];
            Opened fabric = Open();
            if (!HasRules(fabric))
            {
                drift.Add("the rules were gone");
                LoadRules(fabric);
                fabric.Namespace.Configure();
            }

            RepairLinks(fabric, declared, drift);
            RepairElements(fabric, "edges4", [.. declared.Flows.Select(f => f.Key4)], drift);
            RepairElements(fabric, "edges6", NetworkHost.HasIpv6 ? [.. declared.Flows.Select(f => f.Key6)] : [], drift);
            RepairExits(fabric, declared.Exits, drift);
            RepairNetworks(fabric, declared.Networks, drift);
            return drift;
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
            ending.Finish();
            _opened?.Dispose();
            _opened = null;
            _links.Clear();
            _exits.Clear();
            FabricNamespace.Remove(runDir);
        }
    }

    public void Dispose()
    {
        ending.Finish();
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
                    _links[id] = new PluggedLink(link, []);
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

        // Connection tracking has its settings when the rules have asked for it.
        fabric.Namespace.Configure();
        fabric.Route.Run([RouteRequests.SetUp(Loopback), RouteRequests.AddAddress(Loopback, pool.Own), RouteRequests.AddAddress(Loopback, Gateway), .. NetworkHost.HasIpv6 ? (NetlinkRequest[])[RouteRequests.AddAddress(Loopback, pool.Own6)] : []]);
    }

    private void LoadRules(Opened fabric)
    {
        fabric.Namespace.Load(_rules.Text);
        _countsAll = fabric.Namespace.IsNew;
    }

    /// <summary>These, and not those of another version.</summary>
    private bool HasRules(Opened fabric)
    {
        try
        {
            SetElements.Read(fabric.Netfilter, _rules.Mark);
            return true;
        }
        catch (SyscallException e) when (e.Errno == Errno.ENOENT)
        {
            return false;
        }
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
