using Quilt.Bench.Engines;
using Quilt.Bench.Images;
using Quilt.Bench.Processes;
using Quilt.Bench.Results;
using Quilt.Bench.Statistics;

namespace Quilt.Bench.Scenarios;

/// <summary>A Dockerfile of ten steps, with every step done and with none: whole processes.</summary>
internal sealed class BuildScenario : IScenario
{
    private const int MostRounds = 10;
    private const long ContextBytes = 10_000_000;
    private const string Tag = "localhost/quilt-bench:built";

    private const string Dockerfile = $"""
        FROM {Workload.BuildBase}
        ENV APP=/srv/app MODE=bench
        WORKDIR /srv/app
        COPY lib/ lib/
        RUN /bin/busybox find lib -type f | /bin/busybox sort > files.txt
        COPY app.sh ./
        RUN /bin/busybox chmod 755 app.sh && ./app.sh > started.txt
        RUN /bin/busybox cp -r lib copy
        EXPOSE 8080
        CMD ["/srv/app/app.sh"]

        """;

    public string Name => "build";

    public async Task<IReadOnlyList<Measurement>> RunAsync(Bench bench, CancellationToken cancel)
    {
        ImageBuilder[] builders = [.. bench.Peers.SelectMany(p => p.Builders)];
        string context = WriteContext(bench);
        Rounds rounds = new(1, Math.Min(MostRounds, bench.Rounds.Counted));
        foreach (ImageBuilder builder in builders)
        {
            builder.MakeBase();
        }

        IReadOnlyList<Samples> cold = await Interleaving.RunAsync(
            [
                .. builders.Select(b => new Contender(b.Side, _ =>
                {
                    LibC.sync();
                    double taken = b.Build(context, Tag, isCold: true);
                    b.Remove(Tag);
                    return Task.FromResult(taken);
                })),
            ],
            rounds, cancel);

        // The round to warm up is the one that does the steps.
        ImageBuilder[] keepers = [.. builders.Where(b => b.KeepsSteps)];
        IReadOnlyList<Samples> cached = await Interleaving.RunAsync([.. keepers.Select(b => new Contender(b.Side, _ => Task.FromResult(b.Build(context, Tag, isCold: false))))], rounds, cancel);
        foreach (ImageBuilder builder in keepers.Where(k => cached.Single(s => s.Side == k.Side).IsMeasured))
        {
            builder.Remove(Tag);
        }

        bench.Quilt?.Images!.Remove(Workload.BuildBase);
        return
        [
            new Measurement("build-cold", "build of ten steps, all of them done", "ms", cold)
            {
                Note = $"whole process; {ContextBytes / 1_000_000} MB of context, no network, a layer kept of each step, as of buildah's --layers; in its default it makes one layer of all; {rounds.Counted} rounds",
            },
            new Measurement("build-cached", "build of ten steps, none of them done again", "ms", cached),
        ];
    }

    private static string WriteContext(Bench bench)
    {
        string context = bench.Workspace.Folder("context"), library = Path.Combine(context, "lib");
        Directory.CreateDirectory(library);
        using MachineFiles files = new();
        files.CopyTo(library, ContextBytes);
        File.WriteAllText(Path.Combine(context, "app.sh"), "#!/bin/sh\necho \"$APP in mode $MODE\"\n");
        File.WriteAllText(Path.Combine(context, "Dockerfile"), Dockerfile);
        return context;
    }
}
