using System.Formats.Tar;
using Quilt.Bench.Engines;
using Quilt.Bench.Images;
using Quilt.Bench.Processes;
using Quilt.Bench.Results;
using Quilt.Bench.Statistics;

namespace Quilt.Bench.Scenarios;

/// <summary>How fast the archive of a root filesystem becomes an image: the archive's length over the time of the whole process.</summary>
internal sealed class ImportScenario : IScenario
{
    private const int MostRounds = 5, Layers = 8;
    private const double Mega = 1e6, Milli = 1e-3;
    private const string Reference = "localhost/quilt-bench:imported";

    public string Name => "import";

    public async Task<IReadOnlyList<Measurement>> RunAsync(Bench bench, CancellationToken cancel)
    {
        string archive = Path.Combine(bench.Workspace.Folder("import"), "files.tar");
        await using (FileStream file = File.Create(archive))
        {
            await using TarWriter writer = new(file, TarEntryFormat.Pax, leaveOpen: true);
            using MachineFiles files = new();
            files.Fill(writer, () => file.Position >= bench.LayerBytes * Layers);
        }

        double megabytes = new FileInfo(archive).Length / Mega;
        Rounds rounds = new(1, Math.Min(MostRounds, bench.Rounds.Counted));
        IReadOnlyList<Samples> sides = await Interleaving.RunAsync(
            [
                .. bench.Peers.Select(p => p.Images).OfType<ImageCli>().Select(side => new Contender(side.Side, _ =>
                {
                    LibC.sync();
                    double taken = side.Import(archive, Reference) * Milli;
                    side.Remove(Reference);
                    return Task.FromResult(megabytes / taken);
                })),
            ],
            rounds, cancel);
        File.Delete(archive);
        return [new Measurement(Name, $"import of a plain tar archive of {megabytes:0} MB", "MB/s", sides) { Note = $"whole process; more is better; {rounds.Counted} rounds" }];
    }
}
