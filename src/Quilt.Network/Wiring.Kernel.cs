using System.Net;
using System.Net.Sockets;
using Quilt.Core;
using Quilt.Linux;

namespace Quilt.Network;

/// <summary>Brings the kernel to what is declared, and reads what it has counted.</summary>
public sealed partial class Wiring
{
    /// <summary>What each edge has carried since it was drawn, or since the kernel's rules were last loaded. Of those to the outside, bytes alone.</summary>
    /// <param name="of">Those of one container alone; null: all.</param>
    public IReadOnlyDictionary<string, Traffic> ReadTraffic(ContainerId? of = null)
    {
        lock (_lock)
        {
            return Carry(() => Carried(of is { } container ? EdgesOf(container) : _edges.Values));
        }
    }

    /// <summary>Brings the kernel to what is declared, but for edges whose time is over: those are to be severed.</summary>
    /// <returns>What was otherwise, and which containers with an endpoint have no link.</returns>
    public (IReadOnlyList<string> Drift, IReadOnlyList<ContainerId> Unplugged) Repair()
    {
        IReadOnlyList<string> drift;
        ContainerId[] unplugged;
        List<Func<string>> lost;
        lock (_lock)
        {
            if (_endpoints.Count == 0)
            {
                Carry(_fabric.Remove);
                return ([], []);
            }

            ILookup<bool, Edge> byOver = _edges.Values.ToLookup(e => e.IsOver);
            string[] overIds = [.. byOver[true].Select(e => e.Id)];
            drift = Carry(() => _fabric.Repair(new Declared
            {
                Endpoints = _endpoints,
                Attachments = _networks.Values.SelectMany(n => n.Members.Values.Select(m => (m.Container, Attachment: n.AttachmentOf(m)))).ToLookup(m => m.Container, m => m.Attachment),
                Flows = [.. byOver[false].Where(e => e.ToContainer is not null).Select(FlowOf)],
                Exits = _endpoints.Keys.ToDictionary(c => c, c => ExitsOf(c, overIds)),
                Networks = [.. _networks.Values.SelectMany(RulesOf).Except(byOver[true].Where(e => e.To is EdgeTarget.Members).SelectMany(e => ReachesOf(e, LiveOf(e))))],
            }));
            lost = OpenPorts();
            unplugged = [.. _endpoints.Keys.Where(c => !_fabric.IsPlugged(c))];
        }

        return ([.. drift, .. lost.Select(tell => tell())], unplugged);
    }

    /// <summary>In the kernel.</summary>
    private void Open(Edge edge)
    {
        switch (edge.To)
        {
            case EdgeTarget.Container:
                _fabric.Allow(FlowOf(edge));
                break;
            case EdgeTarget.Members:
                _fabric.AwaitEnd(edge.Key);
                _fabric.ChangeNetworks([], [.. ReachesOf(edge, LiveOf(edge))]);
                break;
            default:
                _fabric.SetExits(edge.From, ExitsOf(edge.From));
                break;
        }
    }

    /// <summary>In the kernel; they are still known.</summary>
    private void Shut(IReadOnlyList<Edge> edges)
    {
        _fabric.Deny([.. edges.Where(e => e.ToContainer is not null).Select(e => (FlowOf(e), e.From, e.ToContainer!.Value))]);
        Lazy<Func<IPAddress, ContainerId?>> holderOf = new(HolderNow, isThreadSafe: false);
        foreach (Edge edge in edges.Where(e => e.To is EdgeTarget.Members))
        {
            LiveNetwork live = LiveOf(edge);
            NetworkRule[] reaches = [.. ReachesOf(edge, live)];
            _fabric.ChangeNetworks(reaches, []);
            _fabric.End(FlowsOf(edge, reaches, [.. RulesOf(live).Except(reaches)], holderOf.Value));
        }

        foreach (IGrouping<ContainerId, Edge> outside in edges.Where(e => e.To.IsOutside).GroupBy(e => e.From))
        {
            _fabric.SetExits(outside.Key, ExitsOf(outside.Key, without: [.. outside.Select(e => e.Id)]));
            foreach (Edge edge in outside)
            {
                _fabric.CloseGate(edge.Id);
            }
        }
    }

    /// <summary>By their ids.</summary>
    private Dictionary<string, Traffic> Carried(IReadOnlyCollection<Edge> edges)
    {
        Dictionary<string, Flow> flows = edges.Where(e => e.ToContainer is not null).ToDictionary(e => e.Id, FlowOf, StringComparer.Ordinal);
        Dictionary<string, NetworkRule[]> reaches = edges.Where(e => e.To is EdgeTarget.Members).ToDictionary(e => e.Id, e => ReachesOf(e, LiveOf(e)).ToArray(), StringComparer.Ordinal);
        IReadOnlyDictionary<Flow, Traffic> counted = _fabric.Traffic([.. flows.Values]);
        IReadOnlyDictionary<NetworkRule, Traffic> reached = _fabric.Traffic([.. reaches.Values.SelectMany(r => r)]);
        return edges.ToDictionary(
            e => e.Id,
            e => e.To switch
            {
                EdgeTarget.Container => counted[flows[e.Id]],
                EdgeTarget.Members => Sum(reaches[e.Id].Select(r => reached[r])),
                _ => new Traffic(0, _fabric.CarriedOutside(e.Id)),
            },
            StringComparer.Ordinal);
    }

    private static Traffic Sum(IEnumerable<Traffic> all) => all.Aggregate(default(Traffic), (sum, each) => sum + each);

    private Flow FlowOf(Edge edge) => new(_endpoints[edge.From], _endpoints[edge.ToContainer!.Value], edge.Protocol, edge.Port);

    private static void Carry(Action act) => Carry(() =>
    {
        act();
        return true;
    });

    /// <summary>What the kernel refuses is told as what it means.</summary>
    private static T Carry<T>(Func<T> act)
    {
        try
        {
            return act();
        }
        catch (Exception e) when (e is SyscallException or SocketException or IOException or UnauthorizedAccessException)
        {
            throw new QuiltException(
                ErrorCode.FailedPrecondition, $"the kernel refuses to wire the containers: {e.Message}", "check that it has veth, nf_tables and nf_conntrack ('quilt doctor'), and that the container has no link of its own named eth0", null, e);
        }
    }
}
