using System.CommandLine;
using System.Globalization;
using Quilt.Api.V1;
using Quilt.Core;

namespace Quilt.Cli;

internal sealed class StatsCommand : CliCommand
{
    private readonly Argument<string[]> _containers;
    private readonly Option<bool> _once;
    private readonly Option<string?> _interval;

    internal StatsCommand()
        : base("stats", "Show what containers use of the host")
    {
        _containers = Words("CONTAINER", required: false);
        _once = Flag("Once, not live", "--no-stream");
        _interval = Value("DURATION", "Time between two readings (default 1s)", "--interval");
    }

    internal override string Usage => "[--no-stream] [--interval DURATION] [CONTAINER…]";

    internal override string Details =>
        """
        All running containers where none is named. Live on a terminal until Ctrl-C, with the columns that fit; once, with all
        of them, where the output is not a terminal, unless --interval is given. 100% is one core. WAITED is the part of the last 10 s in which a process waited, and for what.
        """;

    internal override IReadOnlyList<Example> Examples =>
    [
        new("quilt stats", "Watch all that run"),
        new("quilt stats --no-stream --json web", "For a program: one reading"),
    ];

    internal override ArgumentKind Completes => ArgumentKind.Container;

    internal override async Task<int> RunAsync(Invocation call)
    {
        bool live = !call.Get(_once) && (call.Streams.IsTerminal || call.Get(_interval) is not null);
        GetStatsRequest request = new() { Follow = live, Interval = SpecOptions.ReadDuration(call.Get(_interval), "--interval") };
        request.Containers.AddRange(call.Get(_containers) ?? []);
        IAsyncEnumerable<GetStatsResponse> readings = call.Daemon.GetStats(request);
        if (live && call.Streams.IsTerminal && !call.Json)
        {
            await LiveStats.ShowAsync(readings);
            return 0;
        }

        await foreach (GetStatsResponse reading in readings)
        {
            Print(call, reading, live);
            call.Out.Flush();
        }

        return 0;
    }

    private static void Print(Invocation call, GetStatsResponse reading, bool live)
    {
        if (!call.Json)
        {
            WriteTable(call.Out, call.Streams.Style, reading);
            return;
        }

        StatsView[] views = [.. reading.Stats.Select(s => ViewOf.Stats(s, reading.Time))];
        if (live)
        {
            CliJson.WriteLine(call.Out, views, j => j.StatsViewArray);
        }
        else
        {
            CliJson.WriteDocument(call.Out, views, j => j.StatsViewArray);
        }
    }

    internal static string[] Headings { get; } = ["CONTAINER ID", "NAME", "CPU", "MEMORY", "LIMIT", "PEAK", "PIDS", "READ", "WRITTEN", "RECEIVED", "SENT", "WAITED"];

    internal static string[] Row(ContainerStats s) =>
    [
        s.Container.Length > 12 ? s.Container[..12] : s.Container,
        s.Name,
        Percent(s.CpuPercent),
        Size(s.MemoryBytes),
        Limit(s),
        Size(s.MemoryPeakBytes),
        Pids(s),
        Size(s.IoReadBytes),
        Size(s.IoWriteBytes),
        Size(s.NetworkReceivedBytes),
        Size(s.NetworkSentBytes),
        Waited(s),
    ];

    /// <summary>The most of what it waited for in the last 10 s, and for what.</summary>
    internal static string Waited(ContainerStats s)
    {
        (double Percent, string What)[] all = [(s.CpuPressure, "cpu"), (s.MemoryPressure, "memory"), (s.IoPressure, "io")];
        (double percent, string what) = all.MaxBy(p => p.Percent);
        return percent < 0.5 ? "-" : $"{percent.ToString("0", CultureInfo.InvariantCulture)}% {what}";
    }

    internal static void WriteTable(TextWriter to, Style style, GetStatsResponse reading)
    {
        TextTable table = new(Headings);
        foreach (ContainerStats stats in reading.Stats)
        {
            table.Add(Row(stats));
        }

        table.Write(to, style);
    }

    internal static string Percent(double percent) => percent.ToString("0.0", CultureInfo.InvariantCulture) + "%";

    internal static string Limit(ContainerStats s) => s.MemoryLimitBytes is 0 or > long.MaxValue ? "none" : Size(s.MemoryLimitBytes);

    internal static string Pids(ContainerStats s) => s.PidsLimit is 0 or > long.MaxValue ? s.Pids.ToString(CultureInfo.InvariantCulture) : $"{s.Pids}/{s.PidsLimit}";

    internal static string Size(ulong bytes) => new ByteSize((long)Math.Min(bytes, long.MaxValue)).ToString();
}
