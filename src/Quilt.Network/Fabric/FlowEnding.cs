using System.Collections.Concurrent;
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
    private readonly ConcurrentDictionary<Flow, Task> _ending = [];

    /// <param name="openNetfilter">A socket of its own, in the fabric's namespace.</param>
    internal void Begin(IReadOnlyCollection<(Flow Flow, ContainerId From, ContainerId To)> gone, Func<NetlinkSocket> openNetfilter)
    {
        Task ending = Task.Run(() => End(gone, openNetfilter));
        foreach ((Flow flow, _, _) in gone)
        {
            _ending[flow] = ending;
        }

        _ = ending.ContinueWith(
            done =>
            {
                foreach ((Flow flow, _, _) in gone)
                {
                    _ending.TryRemove(new KeyValuePair<Flow, Task>(flow, done));
                }
            },
            TaskScheduler.Default);
    }

    /// <summary>Until nothing of what flowed there before is left.</summary>
    internal void Await(Flow flow)
    {
        if (_ending.TryGetValue(flow, out Task? ending))
        {
            ending.Wait();
        }
    }

    internal void AwaitAll() => Task.WaitAll([.. _ending.Values]);

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
