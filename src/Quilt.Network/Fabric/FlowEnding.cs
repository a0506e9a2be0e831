using Microsoft.Extensions.Logging;
using Quilt.Core;
using Quilt.Linux;

namespace Quilt.Network;

/// <summary>
/// Ends what flowed over edges that are gone. Their packets pass no more from the moment the rule is gone; here the kernel forgets
/// the flows, so that the same edge drawn again revives none, and the sockets at both ends hear of it. Looking through the kernel's
/// table takes a time that does not depend on the edge, so nobody waits for it but who draws the same edge again.
/// </summary>
internal sealed partial class FlowEnding(Func<ContainerId, FileDescriptor?> networkNamespaceOf, ILogger logger)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<Flow, Task> _ending = [];
    private List<(Flow Flow, ContainerId From, ContainerId To)> _waiting = [];
    private Task _last = Task.CompletedTask;

    /// <summary>Those that are asked for while others are looked for are looked for together, next.</summary>
    /// <param name="openNetfilter">A socket of its own, in the fabric's namespace.</param>
    internal void Begin(IReadOnlyCollection<(Flow Flow, ContainerId From, ContainerId To)> gone, Func<NetlinkSocket> openNetfilter)
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
            foreach ((Flow flow, _, _) in gone)
            {
                _ending[flow] = _last;
            }
        }
    }

    /// <summary>Until nothing of what flowed there before is left.</summary>
    internal void Await(Flow flow)
    {
        Task? ending;
        lock (_lock)
        {
            _ending.TryGetValue(flow, out ending);
        }

        ending?.Wait();
    }

    internal void AwaitAll()
    {
        Task last;
        lock (_lock)
        {
            last = _last;
        }

        last.Wait();
    }

    private void EndWaiting(Func<NetlinkSocket> openNetfilter)
    {
        List<(Flow Flow, ContainerId From, ContainerId To)> gone;
        Task own;
        lock (_lock)
        {
            (gone, _waiting, own) = (_waiting, [], _last);
        }

        End(gone, openNetfilter);
        lock (_lock)
        {
            foreach ((Flow flow, _, _) in gone)
            {
                if (_ending.GetValueOrDefault(flow) == own)
                {
                    _ending.Remove(flow);
                }
            }
        }
    }

    private void End(IReadOnlyCollection<(Flow Flow, ContainerId From, ContainerId To)> gone, Func<NetlinkSocket> openNetfilter)
    {
        try
        {
            using NetlinkSocket netfilter = openNetfilter();
            IReadOnlyList<TrackedFlow> ended = TrackedFlows.Forget(netfilter, [.. gone.SelectMany(g => (byte[][])[g.Flow.Key4, g.Flow.Key6])]);
            foreach ((Flow flow, ContainerId from, ContainerId to) in gone)
            {
                TrackedFlow[] own = [.. ended.Where(e => e.Protocol == SocketDestruction.Tcp && (e.IsOf(flow.Key4) || e.IsOf(flow.Key6)))];
                Destroy(from, [.. own.Select(e => SocketDestruction.Destroy(e.From, e.FromPort, e.To, e.ToPort))]);
                Destroy(to, [.. own.Select(e => SocketDestruction.Destroy(e.To, e.ToPort, e.From, e.FromPort))]);
            }
        }
        catch (SyscallException e)
        {
            LogNotEnded(logger, e);
        }
    }

    /// <summary>A socket that cannot be ended so hears of it with its next packet, which is refused.</summary>
    private void Destroy(ContainerId container, NetlinkRequest[] requests)
    {
        if (requests.Length == 0)
        {
            return;
        }

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

    [LoggerMessage(EventId = 90, Level = LogLevel.Warning, Message = "flows over a severed edge could not be ended; their packets are refused all the same")]
    private static partial void LogNotEnded(ILogger logger, Exception failure);
}
