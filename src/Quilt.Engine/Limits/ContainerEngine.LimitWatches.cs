using System.Globalization;
using Microsoft.Extensions.Logging;
using Quilt.Core;

namespace Quilt.Engine;

public sealed partial class ContainerEngine
{
    /// <summary>So many of a container's last events tell what was told of its limits: most are of nothing else, where there are many.</summary>
    private const int LookedThrough = 200;
    private readonly LimitWatches _limitWatches;

    /// <summary>Tells when a container that has just started, or was found running, comes to its limits, until that run is over.</summary>
    /// <param name="judge">Knows what was told of this run already; null: nothing was.</param>
    private void WatchLimits(Container container, LimitJudge? judge = null)
    {
        if (container.Record.State is not ContainerState.Running { StartedAt: var run })
        {
            return;
        }

        LimitWatch watch = new(_limitWatches, GroupOf(container.Record), () => container.Record.Spec.Limits, judge ?? new LimitJudge(), self => _ = TellLimitsAsync(container, run, self));
        container.LimitWatch = watch;
        _limitWatches.Begin(watch);
    }

    /// <summary>The kernel was given bounds of the limits of before.</summary>
    private void WatchLimitsAnew(Container container)
    {
        LimitJudge? judge = container.LimitWatch?.Judged;
        container.LimitWatch = null;
        WatchLimits(container, judge);
    }

    /// <summary>One that knows what was told of the present run, by whichever daemon.</summary>
    private LimitJudge JudgeOf(ContainerRecord record)
    {
        LimitJudge judge = new();
        if (record.State is not ContainerState.Running { StartedAt: var run })
        {
            return judge;
        }

        foreach (EngineEvent told in LastEvents(record.Id, LookedThrough).Where(e => e.Type == EventTypes.LimitReached && e.Time >= run))
        {
            string measure = told.Attributes.ContainsKey(LimitReached.Times) ? LimitReached.Times : LimitReached.Used;
            judge.Remember(told.Attributes["limit"], told.Attributes["level"], ulong.Parse(told.Attributes[measure], CultureInfo.InvariantCulture));
        }

        return judge;
    }

    private async Task TellLimitsAsync(Container container, DateTimeOffset run, LimitWatch watch)
    {
        using (await container.EnterAsync(CancellationToken.None).ConfigureAwait(false))
        {
            // Its end has told what was left to be told.
            if (container.Record.State is not ContainerState.Running running || running.StartedAt != run || container.IsRemoved)
            {
                return;
            }

            try
            {
                Change(container, container.Record, [.. watch.TakeUntold().Select(EventOf)]);
            }
            catch (Exception e) when (e is QuiltException or ObjectDisposedException)
            {
                // The disk is full, or the engine ends: its usage says it all the same.
            }
        }
    }

    private static NewEvent EventOf(LimitReached one) => new(
        EventTypes.LimitReached,
        ("limit", one.Limit), ("level", one.Level), (one.Measure, one.Value.ToString(CultureInfo.InvariantCulture)), ("most", one.Most.ToString(CultureInfo.InvariantCulture)));

    [LoggerMessage(EventId = 35, Level = LogLevel.Warning, Message = "the kernel tells no more of a container's limits; each is looked at every few seconds")]
    private partial void LogLimitsUnheard(Exception failure);
}
