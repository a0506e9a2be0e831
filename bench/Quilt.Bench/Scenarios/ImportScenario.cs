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
    private const int TarBlockBytes = 512;
    private const string Repository = "localhost/quilt-bench";

    public string Name => "import";

    public async Task<IReadOnlyList<Measurement>> RunAsync(Bench bench, CancellationToken cancel)
    {
        string archive = Path.Combine(bench.Workspace.Folder("import"), "files.tar");
        await using (FileStream file = File.Create(archive))
        {
            await using TarWriter writer = new(file, TarEntryFormat.Pax, leaveOpen: true);
            await writer.WriteEntryAsync(new UstarTarEntry(TarEntryType.RegularFile, "variant") { DataStream = new MemoryStream(new byte[1]) }, cancel);
            using MachineFiles files = new();
            files.Fill(writer, () => file.Position >= bench.LayerBytes * Layers);
        }

        double megabytes = new FileInfo(archive).Length / Mega;
        Rounds rounds = new(1, Math.Min(MostRounds, bench.Rounds.Counted));
        ImageCli[] engines = [.. bench.Peers.Select(p => p.Images).OfType<ImageCli>()];
        IReadOnlyList<Samples> sides = await Interleaving.RunAsync(
            [
                .. engines.Select(side =>
                {
                    int round = 0;
                    return new Contender(side.Side, _ =>
                    {
                        SetVariant(archive, (byte)round);
                        LibC.sync();
                        return Task.FromResult(megabytes / (side.Import(archive, $"{Repository}:{round++}") * Milli));
                    });
                }),
            ],
            rounds, cancel);
        foreach (ImageCli side in engines)
        {
            Enumerable.Range(0, rounds.WarmUps + rounds.Counted).ToList().ForEach(round => side.Remove($"{Repository}:{round}"));
        }

        File.Delete(archive);
        return [new Measurement(Name, $"import of a plain tar archive of {megabytes:0} MB", "MB/s", sides) { Note = $"whole process; more is better; {rounds.Counted} rounds" }];
    }

    /// <summary>Another image in each round, of which nothing is there: what is removed is removed after all (see the pull).</summary>
    private static void SetVariant(string archive, byte variant)
    {
        using FileStream file = File.OpenWrite(archive);
        file.Position = TarBlockBytes; // the content of the first file
        file.WriteByte(variant);
    }
}
