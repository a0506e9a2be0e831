using System.Globalization;
using Microsoft.Extensions.Logging;
using Quilt.Linux;

namespace Quilt.Engine;

/// <summary>What went over the links of runs that have ended. It is kept where the kernel keeps what else they used: with the groups of their agents, as long as those are there.</summary>
public sealed partial class ContainerEngine
{
    private const string TrafficNote = "trusted.quilt.traffic";
    private readonly Lock _traffic = new();

    /// <summary>Of all containers of a group, those that are gone included; what runs is in <see cref="Usage"/>.</summary>
    /// <param name="group">As <see cref="LimitGroup"/>; empty: all of the engine's.</param>
    public NetworkCounters EndedTraffic(string group) => Noted(GroupAt(group));

    /// <summary>At the end of a run. Its link is let go: what went over it counts once.</summary>
    /// <returns>What that was.</returns>
    private NetworkCounters KeepTraffic(Container container)
    {
        if (container.Link is not { } link)
        {
            return default;
        }

        try
        {
            NetworkCounters carried = NetworkCounters.Of(link);
            lock (_traffic)
            {
                for (string? group = container.Record.Group; group is not null; group = group.Length == 0 ? null : Path.GetDirectoryName(group))
                {
                    Note(container, GroupAt(group), carried);
                }
            }

            return carried;
        }
        catch (SyscallException e)
        {
            // The run is over all the same; the sum lacks it.
            LogTrafficNotKept(e, container.Id.Value);
            return default;
        }
        finally
        {
            container.Link = null;
        }
    }

    private void Note(Container container, ICgroup group, NetworkCounters carried)
    {
        try
        {
            group.SetNote(TrafficNote, TextOf(Noted(group) + carried));
        }
        catch (SyscallException e)
        {
            LogTrafficNotKept(e, container.Id.Value);
        }
    }

    private ICgroup GroupAt(string group) => _cgroups.Open(group.Length == 0 ? _cgroupParent : $"{_cgroupParent}/{group}");

    private static NetworkCounters Noted(ICgroup group)
    {
        ulong[] counters = [.. (group.NoteOf(TrafficNote) ?? "").Split(' ').Select(n => ulong.TryParse(n, CultureInfo.InvariantCulture, out ulong number) ? number : 0)];
        return counters is [var receivedBytes, var sentBytes, var receivedPackets, var sentPackets] ? new NetworkCounters(receivedBytes, sentBytes, receivedPackets, sentPackets) : default;
    }

    private static string TextOf(NetworkCounters counters) =>
        string.Create(CultureInfo.InvariantCulture, $"{counters.ReceivedBytes} {counters.SentBytes} {counters.ReceivedPackets} {counters.SentPackets}");

    [LoggerMessage(EventId = 104, Level = LogLevel.Warning, Message = "what went over the link of {Container} is missing from the sum of its agent's")]
    private partial void LogTrafficNotKept(Exception failure, string container);
}
