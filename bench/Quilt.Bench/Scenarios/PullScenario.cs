using Quilt.Bench.Engines;
using Quilt.Bench.Images;
using Quilt.Bench.Peers;
using Quilt.Bench.Processes;
using Quilt.Bench.Results;
using Quilt.Bench.Statistics;

namespace Quilt.Bench.Scenarios;

/// <summary>An image of many layers comes from a registry on this machine into an empty store, and its first container runs <c>true</c>: whole processes.</summary>
internal sealed class PullScenario : IScenario
{
    private const int Layers = 8, MostRounds = 5;
    private const double Mega = 1e6, Milli = 1e-3;

    public string Name => "pull";

    public async Task<IReadOnlyList<Measurement>> RunAsync(Bench bench, CancellationToken cancel)
    {
        ImageCli[] sides = [.. bench.Peers.Select(p => p.Images).OfType<ImageCli>()];
        Budget budget = new Budget.TimesEach(0.5, "docker CLI", "podman");
        try
        {
            string folder = bench.Workspace.Folder("layers");
            await using LocalRegistry registry = await LocalRegistry.StartAsync(bench.Workspace, cancel);
            foreach (int pid in sides.Select(s => s.NetworkPid).OfType<int>())
            {
                await registry.ServeInAsync(pid, cancel);
            }

            LayeredImage image = LayeredImage.Make(folder, bench.Workspace.Rootfs, Layers, bench.LayerBytes);
            Rounds rounds = new(1, Math.Min(MostRounds, bench.Rounds.Counted));
            List<string> references = [];
            for (int i = 0; i < rounds.WarmUps + rounds.Counted; i++)
            {
                string variant = Directory.CreateDirectory(Path.Combine(folder, $"{i}")).FullName;
                references.Add(await registry.PushAsync(image.Vary(variant, $"{i}"), $"{i}", cancel));
                Directory.Delete(variant, recursive: true);
            }

            Directory.Delete(folder, recursive: true);
            return await RaceAsync(sides, references, rounds, $"{image.Bytes / Mega:0} MB in {Layers} layers, {image.UnpackedBytes / Mega:0} MB unpacked", budget, cancel);
        }
        catch (Exception e) when (!cancel.IsCancellationRequested && e is (BenchException or HttpRequestException))
        {
            return [new Measurement("pull-run", "pull an image and run true of it", "s", [.. sides.Select(s => Failed(s.Side, e.Message))]) { Budget = budget }];
        }
    }

    /// <summary>Every round pulls an image of its own, and nothing is removed before all is pulled: ext4 without a journal makes files slowly for minutes where others were deleted.</summary>
    private static async Task<IReadOnlyList<Measurement>> RaceAsync(ImageCli[] sides, List<string> references, Rounds rounds, string size, Budget budget, CancellationToken cancel)
    {
        List<Samples> pulls = [], runs = [], removals = [];
        List<Contender> contenders = [];
        foreach (ImageCli side in sides)
        {
            Samples pulled = new(side.Side), ran = new(side.Side);
            pulls.Add(pulled);
            runs.Add(ran);
            int round = 0;
            contenders.Add(new Contender(side.Side, _ =>
            {
                // What others have written goes to the disk outside our time.
                LibC.sync();
                string reference = references[round];
                double pull = side.Pull(reference) * Milli, run = side.RunTrue(reference) * Milli;
                if (round++ >= rounds.WarmUps)
                {
                    pulled.Add(pull);
                    ran.Add(run);
                }

                return Task.FromResult(pull + run);
            }));
        }

        IReadOnlyList<Samples> sums = await Interleaving.RunAsync(contenders, rounds, cancel);
        foreach (ImageCli side in sides)
        {
            Samples removed = new(side.Side);
            removals.Add(removed);
            references.ForEach(reference => removed.Add(side.Remove(reference) * Milli));
        }

        return
        [
            new Measurement("pull-run", $"pull {size}, and run true of it", "s", sums) { Budget = budget, Note = $"two whole processes, from a registry on this machine into a store without the image; {rounds.Counted} rounds" },
            new Measurement("pull", "of that: pull", "s", pulls),
            new Measurement("first-run", "of that: run --rm IMAGE true, the first of the image", "s", runs),
            new Measurement("image-remove", "rmi of it, and image prune", "s", removals),
        ];
    }

    private static Samples Failed(string side, string reason)
    {
        Samples samples = new(side);
        samples.Fail(reason);
        return samples;
    }
}
