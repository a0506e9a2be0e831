using System.Runtime.InteropServices;
using Quilt.Bench;
using Quilt.Bench.Peers;
using Quilt.Bench.Results;
using Quilt.Bench.Scenarios;
using Quilt.Bench.Statistics;

// Every process that is ours is told to end by us, which takes longer than the two seconds that a command line's parser waits.
using CancellationTokenSource interrupted = new();
using PosixSignalRegistration
    interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop),
    terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop),
    hangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, Stop);
try
{
    return await BenchOptions.Command(RunAsync).Parse(args).InvokeAsync(new() { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null }, interrupted.Token);
}
catch (Exception e) when (interrupted.IsCancellationRequested)
{
    await Console.Error.WriteLineAsync($"bench: interrupted; everything is cleared{(e is OperationCanceledException or Grpc.Core.RpcException ? "" : $" ({e.Message})")}");
    return 130;
}
catch (BenchException e)
{
    await Console.Error.WriteLineAsync("bench: " + e.Message);
    return 1;
}
catch (Exception e)
{
    // Caught, so that what the run began is cleared: an unhandled exception would end the process before that.
    await Console.Error.WriteLineAsync($"bench: {e}");
    return 1;
}

void Stop(PosixSignalContext signal)
{
    signal.Cancel = true;
    Console.Error.WriteLine("bench: stopping, and clearing what there is");
    interrupted.Cancel();
}

static async Task<int> RunAsync(BenchOptions options, CancellationToken cancel)
{
    if (Environment.UserName != "root")
    {
        throw new BenchException("containers need root: sudo bench/run.sh");
    }

    using Workspace workspace = new(options.Work);
    double load = Machine.Load;
    await using InstalledPeers peers = new();
    await peers.StartAsync(options, workspace, cancel);
    Bench bench = new(
        peers.All, workspace, new Rounds(options.WarmUps, options.Rounds), options.Quick ? 4 : 20, options.Quick ? 20 : 1_000, options.Quick ? [10, 100] : [10, 1_000, 10_000],
        TimeSpan.FromSeconds(options.Quick ? 0.5 : 2), options.Quick ? 3_000_000 : 25_000_000);
    IReadOnlyList<Measurement> measurements = await MeasureAsync(options, bench, cancel);
    Report report = new(
        TimeProvider.System.GetUtcNow(), Machine.Kernel, Environment.ProcessorCount, Machine.Processor, load, [.. peers.All.Select(p => p.Version)], bench.Rounds, measurements);
    Write(report, options);
    return 0;
}

static async Task<IReadOnlyList<Measurement>> MeasureAsync(BenchOptions options, Bench bench, CancellationToken cancel)
{
    IScenario[] all =
    [
        new RestScenario(), new LaunchScenario(), new LifecycleScenario(), new ExecScenario(), new OutputScenario(), new EngineScenario(), new NeighboursScenario(), new ConnectionScenario(), new PacketScenario(), new RunScenario(), new RateScenario(), new MemoryScenario(), new GrowthScenario(),
        new ConnectedScenario(), new PullScenario(), new BuildScenario(), new ImportScenario(), new ForkScenario(),
    ];
    List<Measurement> measurements = [];
    LeakCheck? leaks = null;
    foreach (IScenario scenario in all.Where(s => options.Only.Contains(s.Name)))
    {
        cancel.ThrowIfCancellationRequested();

        // What an engine weighs at rest is asked before anything else is.
        if (scenario is not RestScenario && leaks is null && options.Only.Contains("leaks") && bench.Quilt is { } quilt)
        {
            leaks = await LeakCheck.BeginAsync(bench, quilt, cancel);
        }

        await Console.Error.WriteLineAsync($"measuring {scenario.Name}");
        GC.Collect();
        measurements.AddRange(await scenario.RunAsync(bench, cancel));
    }

    if (leaks is not null)
    {
        measurements.Add(await leaks.EndAsync(cancel));
    }

    return measurements;
}

static void Write(Report report, BenchOptions options)
{
    Console.WriteLine(ReportTable.Write(report));
    if (options.Json is { } json)
    {
        File.WriteAllText(json, ReportJson.Write(report));
    }

    if (options.Plot is { } plot)
    {
        File.WriteAllText(plot, ReportPlot.Write(report));
    }
}
