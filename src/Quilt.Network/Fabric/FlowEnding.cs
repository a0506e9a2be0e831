using System.Net;
using Microsoft.Extensions.Logging;
using Quilt.Core;
using Quilt.Linux;

namespace Quilt.Network;

/// <summary>
/// Ends what flowed over edges and networks that are gone. Their packets pass no more from the moment the rule is gone; here the kernel
/// forgets the flows, so that the same edge drawn again revives none, and the sockets at both ends hear of it. Looking through the kernel's
/// table takes a time that does not depend on the edge, so nobody waits for it but who draws the same edge again.
/// </summary>
internal sealed partial class FlowEnding(Func<ContainerId, FileDescriptor?> networkNamespaceOf, ILogger logger)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<object, Task> _ending = [];
    private List<GoneFlows> _waiting = [];
    private Task _last = Task.CompletedTask;

    // Kept: the kernel holds up whoever changes rules while one is closed.
    private NetlinkSocket? _netfilter;

    /// <summary>Those that are asked for while others are looked for are looked for together, next.</summary>
    /// <param name="openNetfilter">A socket of its own, in the fabric's namespace; it is kept until <see cref="Finish"/>.</param>
    internal void Begin(IReadOnlyCollection<GoneFlows> gone, Func<NetlinkSocket> openNetfilter)
    {
        if (gone.Count == 0)
        {
            return;
        }

        lock (_lock)
        {
            if (_waiting.Count == 0)
            {
                _last = _last.ContinueWith(_ => EndWaiting(openNetfilter), TaskScheduler.Default);
            }

            _waiting.AddRange(gone);
            foreach (object what in gone.SelectMany(g => g.What))
            {
                _ending[what] = _last;
            }
        }
    }

    /// <summary>Until nothing of what flowed there before is left.</summary>
    /// <param name="what">See <see cref="GoneFlows"/>.</param>
    internal void Await(object what)
    {
        Task? ending;
        lock (_lock)
        {
            _ending.TryGetValue(what, out ending);
        }

        ending?.Wait();
    }

    /// <summary>Waits for all of it, and lets go of the fabric.</summary>
    internal void Finish()
    {
        Task last;
        lock (_lock)
        {
            last = _last;
        }

        last.Wait();
        _netfilter?.Dispose();
        _netfilter = null;
    }

    private void EndWaiting(Func<NetlinkSocket> openNetfilter)
    {
        List<GoneFlows> gone;
        Task own;
        lock (_lock)
        {
            (gone, _waiting, own) = (_waiting, [], _last);
        }

        End(gone, openNetfilter);
        lock (_lock)
        {
            foreach (object what in gone.SelectMany(g => g.What))
            {
                if (_ending.GetValueOrDefault(what) == own)
                {
                    _ending.Remove(what);
                }
            }
        }
    }

    private void End(IReadOnlyCollection<GoneFlows> gone, Func<NetlinkSocket> openNetfilter)
    {
        Dictionary<byte[], GoneFlows> byKey = new(SetElements.KeyComparer.Instance);
        foreach (GoneFlows flows in gone)
        {
            foreach (byte[] key in flows.Keys)
            {
                byKey[key] = flows;
            }
        }

        GoneFlows[] others = [.. gone.Where(g => g.Where is not null)];
        GoneFlows? Of(TrackedFlow flow) => byKey.GetValueOrDefault(flow.Key) ?? others.FirstOrDefault(o => o.Where!(flow));
        try
        {
            _netfilter ??= openNetfilter();
            IReadOnlyList<TrackedFlow> ended = TrackedFlows.Forget(_netfilter, flow => Of(flow) is not null);
            foreach (IGrouping<ContainerId, NetlinkRequest> ends in ended.Where(e => e.Protocol == SocketDestruction.Tcp).SelectMany(e => Ends(e, Of(e)!)).GroupBy(e => e.Holder, e => e.Destruction))
            {
                Destroy(ends.Key, ends);
            }
        }
        catch (SyscallException e)
        {
            _netfilter?.Dispose();
            _netfilter = null;
            LogNotEnded(logger, e);
        }
    }

    private static IEnumerable<(ContainerId Holder, NetlinkRequest Destruction)> Ends(TrackedFlow flow, GoneFlows gone)
    {
        if (gone.HolderOf(new IPAddress(flow.From)) is { } from)
        {
            yield return (from, SocketDestruction.Destroy(flow.From, flow.FromPort, flow.To, flow.ToPort));
        }

        if (gone.HolderOf(new IPAddress(flow.To)) is { } to)
        {
            yield return (to, SocketDestruction.Destroy(flow.To, flow.ToPort, flow.From, flow.FromPort));
        }
    }

    /// <summary>A socket that cannot be ended so hears of it with its next packet, which is refused.</summary>
    private void Destroy(ContainerId container, IEnumerable<NetlinkRequest> requests)
    {
        using FileDescriptor? networkNamespace = networkNamespaceOf(container);
        if (networkNamespace is null)
        {
            return; // it has ended, and its sockets with it
        }

        using NetlinkSocket sockets = NetlinkSocket.Open(NetlinkProtocol.SocketDiagnostics, networkNamespace);
        foreach (NetlinkRequest request in requests)
        {
            sockets.TryRun(request);
        }
    }

    [LoggerMessage(EventId = 90, Level = LogLevel.Warning, Message = "flows over what was severed could not be ended; their packets are refused all the same")]
    private static partial void LogNotEnded(ILogger logger, Exception failure);
}
