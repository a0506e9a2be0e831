using System.Collections.Concurrent;
using System.Diagnostics;
using Quilt.Testing;

namespace Quilt.Soak.Tests;

/// <summary>Many lifecycles over one daemon, with what disturbs them; everything is counted before, between and after.</summary>
internal sealed class SoakRun : IAsyncDisposable
{
    private const int LeastDisturbances = 4, EnoughToSeeGrowth = 1000;
    private const double MostGrowth = 10;
    private readonly ConcurrentDictionary<string, bool> _made = new(StringComparer.Ordinal), _gone = new(StringComparer.Ordinal);
    private readonly string _name;
    private EventWatch _events = null!;
    private Census _before = null!;
    private readonly List<(long Lifecycles, int Pid, long ResidentBytes)> _memory = [];
    private int _next;

    private SoakRun(string name) => (_name, Seed) = (name, unchecked((SoakOptions.Seed * 31) + name.Length));

    internal int Seed { get; }
    internal Figures Figures { get; } = new();
    internal Findings Findings { get; } = new();
    internal Trouble Trouble { get; } = new();
    internal SoakDaemon Daemon { get; private set; } = null!;

    /// <summary>Lifecycles' own containers that run.</summary>
    internal ConcurrentDictionary<string, Box> Alive { get; } = new(StringComparer.Ordinal);

    /// <summary>Also what takes long: forks, snapshots, images, networks.</summary>
    internal bool Heavy { get; init; } = true;

    /// <summary>Also containers with file systems of their own.</summary>
    internal bool Disks { get; init; } = true;

    /// <summary>What has a time may be kept too long, or too short.</summary>
    internal bool ClockJumps { get; init; }

    /// <param name="name">Of the part, for the figures.</param>
    /// <param name="root">Where state and sockets are; null is a folder of its own.</param>
    internal static async Task<SoakRun> BeginAsync(string name, string? root = null, bool heavy = true, bool disks = true, bool clockJumps = false, Action<System.Diagnostics.ProcessStartInfo>? prepare = null)
    {
        SoakRun run = new(name) { Heavy = heavy, Disks = disks, ClockJumps = clockJumps };
        Console.WriteLine($"{name}: seed {SoakOptions.Seed}, {SoakOptions.Clients} clients");
        // The audit keeps each call; what it takes on the disk is bounded by this.
        run.Daemon = await SoakDaemon.StartAsync(run.Figures, run.Findings, root, prepare, "--audit-kept", "2000");
        run._events = new EventWatch(run.Daemon, run.Findings);

        // What is made once and kept: templates, spare shims, unpacked layers, compiled filters.
        await run.WarmUpAsync();
        run._before = await Census.SettledAsync(run.Daemon, null);
        Console.WriteLine($"  before ({run.Figures.Elapsed.TotalSeconds:0.0} s): {run._before}");
        return run;
    }

    internal void Made(string id) => _made[id] = true;

    internal void Gone(string id) => _gone[id] = true;

    /// <summary>So many lifecycles while that disturbs them, then everything is counted.</summary>
    internal async Task GoAsync(int lifecycles, params Func<SoakRun, Random, CancellationToken, Task>[] disturbances)
    {
        for (int done = 0; done < lifecycles && !Findings.IsFull; done += SoakOptions.Between)
        {
            await WorkAsync(Math.Min(SoakOptions.Between, lifecycles - done), disturbances);
            await CountAsync();
        }
    }

    /// <summary>Whether all is as it was before.</summary>
    internal async Task CountAsync()
    {
        if (Trouble.Now > 0 || Daemon.Life > 0)
        {
            // What an image that could not be made, or was not to its end, left in the store goes with the next collection.
            await Daemon.ToolAsync("pruneImages", new { });
        }

        await _events.CaughtUpAsync(_made.Keys, _gone.Keys);
        _made.Clear();
        _gone.Clear();
        Census now = await Census.SettledAsync(Daemon, _before);
        foreach (string left in now.LeftSince(_before))
        {
            Findings.Add($"left behind: {left}");
        }

        _memory.Add((Figures.Of("lifecycles"), Daemon.Process.Pid, now.ResidentBytes));
        Console.WriteLine($"  after {Figures.Of("lifecycles")} ({Figures.Elapsed.TotalSeconds:0.0} s): {now}");
    }

    /// <summary>What the daemon takes more with each 1,000 lifecycles: the first count is after it has taken what it keeps.</summary>
    internal void ExpectNoGrowth()
    {
        (long Lifecycles, int Pid, long ResidentBytes) first = _memory[0], last = _memory[^1];
        if (first.Pid != last.Pid || last.Lifecycles - first.Lifecycles < EnoughToSeeGrowth)
        {
            return; // another process, or too few to tell it from the collector's moods
        }

        double growth = (last.ResidentBytes - first.ResidentBytes) / 1048576.0 / (last.Lifecycles - first.Lifecycles) * 1000;
        Console.WriteLine($"  resident memory grew by {growth:0.00} MB with each 1,000 lifecycles");
        if (growth > MostGrowth)
        {
            Findings.Add($"quiltd grows by {growth:0.0} MB with each 1,000 lifecycles: {string.Join(", ", _memory.Select(m => $"{m.ResidentBytes >> 20} MB after {m.Lifecycles}"))}");
        }
    }

    public async ValueTask DisposeAsync()
    {
        Console.WriteLine(Figures.ToString());
        await _events.DisposeAsync();
        await Daemon.DisposeAsync();
        Console.WriteLine($"  {Figures.Elapsed.TotalSeconds:0.0} s in all");
    }

    /// <summary>Fails where anything was found.</summary>
    internal void Verdict() => Assert.True(Findings.All.Count == 0, $"{_name}: {Findings.All.Count} found:\n{string.Join('\n', Findings.All)}");

    /// <summary>Everything once.</summary>
    private async Task WarmUpAsync()
    {
        Step[] steps = [.. Steps.Each(Heavy)];
        IReadOnlyList<Beginning> beginnings = Beginning.Each;
        int each = (steps.Length + beginnings.Count - 1) / beginnings.Count;
        await Parallel.ForAsync(0, beginnings.Count, async (i, _) => await new Lifecycle(this, Interlocked.Increment(ref _next)).RunAsync(beginnings[i], [.. steps.Skip(i * each).Take(each)]));
    }

    /// <summary>So many, and more where too little has disturbed them.</summary>
    private async Task WorkAsync(int lifecycles, Func<SoakRun, Random, CancellationToken, Task>[] disturbances)
    {
        Stopwatch took = Stopwatch.StartNew();
        using CancellationTokenSource over = new();
        Task[] disturbing = [.. disturbances.Select((d, i) => Task.Run(() => DisturbAsync(d, new Random(Seed + i + _next), over.Token)))];
        (int begun, long disturbed) = (_next, Figures.Disturbances);
        await Task.WhenAll(Enumerable.Range(0, SoakOptions.Clients).Select(_ => Task.Run(async () =>
        {
            while (!Findings.IsFull && (_next - begun < lifecycles || Figures.Disturbances - disturbed < LeastDisturbances * disturbances.Length))
            {
                await new Lifecycle(this, Interlocked.Increment(ref _next)).RunAsync();
            }
        })));
        await over.CancelAsync();
        await Task.WhenAll(disturbing);
        Figures.Worked(_next - begun, took.Elapsed);
    }

    private async Task DisturbAsync(Func<SoakRun, Random, CancellationToken, Task> disturbance, Random random, CancellationToken over)
    {
        try
        {
            await disturbance(this, random, over);
        }
        catch (OperationCanceledException) when (over.IsCancellationRequested)
        {
        }
        catch (Exception e)
        {
            Findings.Add($"a disturbance has failed itself: {e}");
        }
    }
}
