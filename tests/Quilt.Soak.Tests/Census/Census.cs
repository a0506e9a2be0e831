using System.Globalization;
using System.Text.Json;
using Quilt.Api.V1;

namespace Quilt.Soak.Tests;

/// <summary>Everything that could be left behind, by kind; and what the daemon itself takes.</summary>
internal sealed class Census
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(45), Glance = TimeSpan.FromMilliseconds(200);
    // Connections and threads come and go by the time of day; what leaks does so with each of hundreds of lifecycles.
    private const int Play = 40;

    // Where containers come and go, so many more wait for a while.
    private const int WaitingShims = 8;
    private readonly SortedDictionary<string, IReadOnlyDictionary<string, int>> _things = new(StringComparer.Ordinal);

    internal long ResidentBytes { get; private init; }
    internal int Descriptors { get; private init; }
    internal int Threads { get; private init; }

    internal static async Task<Census> TakeAsync(SoakDaemon daemon)
    {
        DaemonUse use = DaemonUse.Of(daemon.Process.Pid);
        Census census = new() { ResidentBytes = use.ResidentBytes, Descriptors = use.Descriptors, Threads = use.Threads };
        foreach ((string kind, IEnumerable<string> names) in HostThings.Of(daemon.Process).Concat(await ToldAsync(daemon)))
        {
            census._things[kind] = names.GroupBy(n => n, StringComparer.Ordinal).ToDictionary(g => g.Key, g => g.Count(), StringComparer.Ordinal);
        }

        return census;
    }

    /// <summary>Waits until what goes after the answer has gone; null is until nothing changes any more.</summary>
    internal static async Task<Census> SettledAsync(SoakDaemon daemon, Census? before)
    {
        Census now = await TakeAsync(daemon);
        DateTimeOffset began = DateTimeOffset.UtcNow;
        IReadOnlyList<string> awaited = before is null ? [] : now.LeftSince(before);
        for (DateTimeOffset end = DateTimeOffset.UtcNow + Patience; DateTimeOffset.UtcNow < end;)
        {
            await Task.Delay(Glance);
            Census next = await TakeAsync(daemon);
            bool settled = before is null ? next.LeftSince(now).Count + now.LeftSince(next).Count == 0 : next.LeftSince(before).Count == 0;
            now = next;
            if (settled)
            {
                break;
            }

            awaited = before is null ? [] : next.LeftSince(before);
        }

        if (awaited.Count > 0 && DateTimeOffset.UtcNow - began > Glance * 10)
        {
            Console.WriteLine($"  waited {(DateTimeOffset.UtcNow - began).TotalSeconds:0.0} s for the last of: {string.Join("; ", awaited.Take(5))}");
        }

        return now;
    }

    /// <summary>What is there now and was not before, or is there more often.</summary>
    internal IReadOnlyList<string> LeftSince(Census before)
    {
        List<string> left = [];
        foreach ((string kind, IReadOnlyDictionary<string, int> things) in _things)
        {
            IReadOnlyDictionary<string, int> had = before._things[kind];
            left.AddRange(things.Where(t => t.Value > had.GetValueOrDefault(t.Key) + (t.Key == "quilt-shim" ? WaitingShims : 0)).Select(t => $"{kind}: {t.Key}{(t.Value > 1 ? $" ({t.Value}, before {had.GetValueOrDefault(t.Key)})" : "")}"));
        }

        if (Descriptors > before.Descriptors + Play)
        {
            left.Add($"descriptors of quiltd: {Descriptors}, before {before.Descriptors}");
        }

        if (Threads > before.Threads + Play)
        {
            left.Add($"threads of quiltd: {Threads}, before {before.Threads}");
        }

        return left;
    }

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{string.Join(", ", _things.Select(t => $"{t.Key} {t.Value.Values.Sum()}"))}; quiltd has {ResidentBytes / 1048576.0:0.0} MB, {Descriptors} descriptors, {Threads} threads");

    /// <summary>What the daemon itself says that there is.</summary>
    private static async Task<(string Kind, IEnumerable<string> Names)[]> ToldAsync(SoakDaemon daemon)
    {
        ListContainersResponse containers = await daemon.CallAsync(async (c, o) => await c.ListContainersAsync(new ListContainersRequest { All = true }, o));
        return
        [
            ("containers", containers.Containers.Select(c => $"{c.Name} {c.State}")),
            ("volumes", await Names("listVolumes", "volumes", "name")),
            ("networks", await Names("listNetworks", "networks", "name")),
            ("snapshots", await Names("listSnapshots", "snapshots", "id")),
            ("images", await Names("listImages", "images", "reference")),
            ("sessions", await Names("listSessions", "sessions", "id")),
            ("agents", await Names("listAgents", "agents", "name")),
        ];

        async Task<IEnumerable<string>> Names(string tool, string list, string name) =>
            [.. (await daemon.ToolAsync(tool, new { })).GetProperty(list).EnumerateArray().Select(e => e.TryGetProperty(name, out JsonElement value) ? value.ToString() : "?")];
    }
}
