using System.Diagnostics.Metrics;
using Quilt.Core;
using Quilt.Engine;

namespace Quilt.Daemon;

/// <summary>What the engine has and its containers use, read when somebody asks.</summary>
internal sealed class EngineMeters(ContainerEngine engine)
{
    private IReadOnlyList<ContainerUsage>? _read;

    /// <summary>Begins to tell; once for a process.</summary>
    internal void Begin()
    {
        Meter meter = Telemetry.Meter;
        meter.CreateObservableUpDownCounter("quilt.containers", Containers, "{container}", "Containers that there are, by state.");
        meter.CreateObservableUpDownCounter("quilt.images", () => engine.Images.List().Count, "{image}", "Names of images in the store.");
        meter.CreateObservableUpDownCounter("quilt.volumes", () => engine.Volumes.Count, "{volume}", "Volumes that there are.");
        meter.CreateObservableUpDownCounter("quilt.snapshots", () => engine.Snapshots().Count, "{snapshot}", "Snapshots that there are.");
        meter.CreateObservableUpDownCounter("quilt.shims.warm", () => engine.WarmShims, "{shim}", "Shims that wait for a container.");
        meter.CreateObservableCounter("quilt.events", () => engine.LastEvent, "{event}", "Events that were told since the state folder was made.");
        Usage("cpu.time", "s", "CPU time used.", u => u.Statistics.CpuUsageMicros / 1e6);
        Usage("cpu.throttled", "s", "Time in which its limit of CPUs kept it from running.", u => u.Statistics.ThrottledMicros / 1e6);
        Usage("oom.kills", "{process}", "Processes that its limit of memory has ended.", u => u.Statistics.OomKills);
        Usage("io.read", "By", "Bytes read from block devices.", u => u.Statistics.IoReadBytes);
        Usage("io.written", "By", "Bytes written to block devices.", u => u.Statistics.IoWriteBytes);
        Usage("network.received", "By", "Bytes received over its edges and networks.", u => u.Network.ReceivedBytes);
        Usage("network.sent", "By", "Bytes sent over its edges and networks.", u => u.Network.SentBytes);
        meter.CreateObservableUpDownCounter("quilt.container.memory", () => Of(u => u.Statistics.MemoryBytes), "By", "Memory in use, page cache included.");
        meter.CreateObservableUpDownCounter("quilt.container.pids", () => Of(u => u.Statistics.Pids), "{process}", "Processes and threads.");

        void Usage(string name, string unit, string description, Func<ContainerUsage, double> read) =>
            meter.CreateObservableCounter($"quilt.container.{name}", () => Of(read), unit, description);
    }

    private IEnumerable<Measurement<int>> Containers() =>
        engine.All().GroupBy(c => c.State.Name).Select(g => new Measurement<int>(g.Count(), new KeyValuePair<string, object?>("state", g.Key)));

    private IEnumerable<Measurement<double>> Of(Func<ContainerUsage, double> read) => Usages().Select(u => new Measurement<double>(
        read(u), new KeyValuePair<string, object?>("id", u.Container.Id.Value), new("name", u.Container.Name.Value), new("agent", u.Container.Owner.Agent)));

    /// <summary>What is told next is as it is then, and not as the scrape before found it.</summary>
    internal void Renew() => _read = null;

    /// <summary>One reading for all that a scrape asks of it.</summary>
    private IReadOnlyList<ContainerUsage> Usages() => _read ??= engine.Usage([]);
}
