using Quilt.Core;
using Quilt.Linux;

namespace Quilt.Network;

/// <summary>What may pass: elements of the sets of quilt.nft.</summary>
internal sealed partial class Fabric
{
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
            // Where nothing has flowed nothing is to be ended: a packet that comes between the two has no answer any more. Many are not asked one by one.
            bool MayHaveFlowed(Flow flow) => !_countsAll || gone.Count > Few || Traffic(flow).Packets > 0;
            GoneFlows[] flowed = [.. gone.Where(g => MayHaveFlowed(g.Flow)).Select(g => GoneFlows.Of(g.Flow, g.From, g.To))];
            Flow[] flows = [.. gone.Select(g => g.Flow)];

            // Added before, so that one that is gone already, by a try before this one or by somebody else, is no failure.
            SetElements.Commit(Open().Netfilter, [.. Elements(SetElements.Add, flows), .. Elements(SetElements.Remove, flows)]);
            End(flowed);
        }
    }

    /// <summary>Lets pass what networks allow, and no longer what they do not, whether it did or not (see <see cref="Deny"/>).</summary>
    internal void ChangeNetworks(IReadOnlyCollection<NetworkRule> gone, IReadOnlyCollection<NetworkRule> fresh)
    {
        lock (_lock)
        {
            SetElements.Commit(Open().Netfilter, [.. NetworkElements(SetElements.Add, gone), .. NetworkElements(SetElements.Remove, gone), .. NetworkElements(SetElements.Add, fresh)]);
        }
    }

    /// <summary>Ends what flowed over what is not allowed any more; nobody waits for it.</summary>
    internal void End(params IReadOnlyCollection<GoneFlows> gone)
    {
        lock (_lock)
        {
            Opened fabric = Open();
            ending.Begin(gone, () => fabric.Namespace.OpenNetlink(NetlinkProtocol.Netfilter));
        }
    }

    /// <param name="what">See <see cref="GoneFlows"/>.</param>
    internal void AwaitEnd(object what) => ending.Await(what);

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

            if (flows.Count <= Few)
            {
                return flows.ToDictionary(f => f, Traffic);
            }

            Opened fabric = Open();
            Dictionary<byte[], Traffic> four = SetElements.Read(fabric.Netfilter, "edges4"), six = SetElements.Read(fabric.Netfilter, "edges6");
            return flows.ToDictionary(f => f, f => four.GetValueOrDefault(f.Key4) + six.GetValueOrDefault(f.Key6));
        }
    }

    /// <summary>What each of them has carried.</summary>
    internal IReadOnlyDictionary<NetworkRule, Traffic> Traffic(IReadOnlyCollection<NetworkRule> rules)
    {
        lock (_lock)
        {
            Dictionary<NetworkRule, Traffic> counted = [];
            foreach ((string set, bool six, NetworkRule[] own) in BySet(rules))
            {
                Dictionary<byte[], Traffic> present = SetElements.Read(Open().Netfilter, set);
                foreach (NetworkRule rule in own)
                {
                    counted[rule] = counted.GetValueOrDefault(rule) + present.GetValueOrDefault(rule.Keys(six) is var (first, last) ? [.. first, .. last] : []);
                }
            }

            return counted;
        }
    }

    /// <summary>Sends these connections of a container to the gate, and no others of it.</summary>
    /// <param name="wanted">None of them within another.</param>
    internal void SetExits(ContainerId from, HashSet<Exit> wanted)
    {
        lock (_lock)
        {
            HashSet<Exit> present = _exits.GetValueOrDefault(from) ?? [];
            Exit[] gone = [.. present.Where(e => !wanted.Contains(e))];

            // Added before: see Deny.
            SetElements.Commit(Open().Netfilter, [
                .. ExitElements(SetElements.Add, gone), .. ExitElements(SetElements.Remove, gone), .. ExitElements(SetElements.Add, wanted.Where(e => !present.Contains(e)))]);
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

    private void RepairExits(Opened fabric, IReadOnlyDictionary<ContainerId, HashSet<Exit>> exits, List<string> drift)
    {
        foreach ((string set, bool six) in ((string, bool)[])[("exits4", false), ("exits6", true)])
        {
            RepairRanges(fabric, set, [.. exits.Values.SelectMany(e => e).Where(e => e.IsSix == six).Select(e => (e.First, e.Last))], drift);
        }

        _exits.Clear();
        foreach ((ContainerId from, HashSet<Exit> own) in exits.Where(e => e.Value.Count > 0))
        {
            _exits[from] = own;
        }
    }

    private static void RepairNetworks(Opened fabric, IReadOnlyCollection<NetworkRule> declared, List<string> drift)
    {
        ILookup<string, (byte[], byte[])> bySet = BySet(declared).SelectMany(s => s.Rules.Select(r => (s.Set, Keys: r.Keys(s.Six)))).ToLookup(r => r.Set, r => r.Keys);
        foreach (string set in NetworkSets)
        {
            RepairRanges(fabric, set, [.. bySet[set]], drift);
        }
    }

    /// <summary>Where anything is otherwise, all of it is made anew.</summary>
    private static void RepairRanges(Opened fabric, string set, IReadOnlyCollection<(byte[] First, byte[] Last)> declared, List<string> drift)
    {
        Dictionary<byte[], Traffic> present = SetElements.Read(fabric.Netfilter, set);
        if (declared.Count != present.Count || declared.Any(d => !present.ContainsKey([.. d.First, .. d.Last])))
        {
            drift.Add($"{set} was not as declared");
            SetElements.Commit(fabric.Netfilter, [SetElements.Clear(set), .. declared.Chunk(ElementsAtOnce).Select(c => SetElements.Add(set, c))]);
        }
    }

    private void RepairElements(Opened fabric, string set, List<byte[]> declared, List<string> drift, bool tellsOfMore = true)
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
            _countsAll = false;
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

    private static IEnumerable<NetlinkRequest> ExitElements(Func<string, IEnumerable<(byte[] First, byte[] Last)>, NetlinkRequest> change, IEnumerable<Exit> exits) =>
        exits.GroupBy(e => e.IsSix).SelectMany(family => family.Chunk(ElementsAtOnce).Select(some => change(family.Key ? "exits6" : "exits4", some.Select(e => (e.First, e.Last)))));

    private static IEnumerable<NetlinkRequest> NetworkElements(Func<string, IEnumerable<(byte[] First, byte[] Last)>, NetlinkRequest> change, IReadOnlyCollection<NetworkRule> rules) =>
        BySet(rules).SelectMany(s => s.Rules.Chunk(ElementsAtOnce).Select(some => change(s.Set, some.Select(r => r.Keys(s.Six)))));

    private static IEnumerable<(string Set, bool Six, NetworkRule[] Rules)> BySet(IReadOnlyCollection<NetworkRule> rules) =>
        rules.GroupBy(r => r.Set).SelectMany(set => NetworkHost.HasIpv6 ? [($"{set.Key}4", false, set.ToArray()), ($"{set.Key}6", true, set.ToArray())] : ((string, bool, NetworkRule[])[])[($"{set.Key}4", false, set.ToArray())]);
}
