using System.Diagnostics;
using System.Globalization;
using Quilt.Core;
using Quilt.Linux;

namespace Quilt.Engine;

/// <summary>What a container has used, at one moment.</summary>
public sealed record ContainerUsage(ContainerRecord Container, CgroupStatistics Statistics, NetworkCounters Network);

public sealed partial class ContainerEngine
{
    private readonly UsageHistory _history;

    /// <summary>Of those that run; the others use nothing, and <see cref="ContainerState.Exited.Used"/> and <see cref="ContainerState.Exited.Network"/> tell what the last run used.</summary>
    /// <param name="ids">Empty: all.</param>
    public IReadOnlyList<ContainerUsage> Usage(IReadOnlyCollection<ContainerId> ids)
    {
        IEnumerable<ContainerRecord> asked = ids.Count > 0 ? ids.Select(Get) : _containers.All().Select(c => c.Record);
        return [.. asked.Where(r => r.IsRunning).OrderBy(r => r.CreatedAt).Select(UsageOf)];
    }

    /// <exception cref="QuiltException">FailedPrecondition: one of them does not run.</exception>
    public void RequireRunning(IEnumerable<ContainerId> ids)
    {
        if (ids.Select(Get).FirstOrDefault(r => !r.IsRunning) is { } still)
        {
            throw Not("show what is used by", still, "start it, or name those alone that run; getResourceUsage tells what its last run used");
        }
    }

    /// <summary>What all containers of a group have used together, those that are gone included.</summary>
    /// <param name="group">As <see cref="LimitGroup"/>; empty: all of the engine's.</param>
    public CgroupStatistics GroupUsage(string group)
    {
        CgroupStatistics used = GroupAt(group).Statistics();

        // v1 counts kills where they happened alone: those of containers that are there.
        return _cgroups.Mode == CgroupMode.V2 ? used : used with
        {
            OomKills = _containers.All().Select(c => c.Record).Where(r => r.IsRunning && IsIn(r.Group, group)).Aggregate(used.OomKills, (sum, r) => sum + GroupOf(r).Levels().OomKills),
        };

        static bool IsIn(string path, string above) => above.Length == 0 || PathText.IsWithin(path, above);
    }

    /// <summary>What happened in a running container within the last while.</summary>
    /// <exception cref="QuiltException">FailedPrecondition: nobody looked that long; it says how long, and from now on somebody does.</exception>
    public UsageWindow UsageWithin(ContainerId id, TimeSpan window)
    {
        if (window < UsageHistory.Every || window > UsageHistory.Kept)
        {
            throw QuiltException.Invalid("window", $"a window of {DurationText.Format(window)} is not kept", $"give from {DurationText.Format(UsageHistory.Every)} to {DurationText.Format(UsageHistory.Kept)}, or leave it out for all since its start");
        }

        Container container = _containers.Get(id);
        ContainerRecord record = container.Record;
        if (record.State is not ContainerState.Running running || Sample(container, running.StartedAt) is not { } now)
        {
            throw Not("look at a window of", record, "start it, and ask then");
        }

        List<UsageSample> samples = [.. _history.Ask(container, running.StartedAt)];
        _history.Add(container, running.StartedAt, now);
        TimeSpan lived = DateTimeOffset.UtcNow - running.StartedAt;
        if (lived <= window)
        {
            // A run begins with nothing: that is known without having looked.
            samples.Insert(0, default(UsageSample) with { At = now.At - lived, MemoryBytes = samples.Count > 0 ? samples[0].MemoryBytes : now.MemoryBytes });
        }

        int first = samples.FindLastIndex(s => now.At - s.At >= window - (UsageHistory.Every / 2));
        first = first < 0 && lived <= window ? 0 : first;
        return first >= 0 ? UsageWindow.Of([.. samples[first..], now]) : throw new QuiltException(
            ErrorCode.FailedPrecondition, $"there is no data of the last {DurationText.Format(window)}: {Known(samples, now)}", "ask for less, or ask again when that time has passed: it is looked at each second from now on", "window");
    }

    private static string Known(List<UsageSample> samples, UsageSample now) => samples.Count == 0
        ? "nobody has looked until now"
        : string.Create(CultureInfo.InvariantCulture, $"it has been looked at for {(now.At - samples[0].At).TotalSeconds:0.0} s");

    private UsageSample? Sample(Container container, DateTimeOffset run)
    {
        ContainerRecord record = container.Record;
        if (record.State is not ContainerState.Running running || running.StartedAt != run)
        {
            return null;
        }

        ContainerUsage used = UsageOf(record);
        return UsageSample.Of(Stopwatch.GetElapsedTime(0), used.Statistics, used.Network);
    }

    private ContainerUsage UsageOf(ContainerRecord record) =>
        new(record, GroupOf(record).Statistics(), record.State is ContainerState.Running running ? NetworkCounters.OfProcess(running.Process.Pid) : default);
}
