using System.Formats.Tar;
using System.Text.Json;
using Quilt.Bench.Engines;
using Quilt.Bench.Images;
using Quilt.Bench.Peers;
using Quilt.Bench.Processes;
using Quilt.Bench.Results;
using Quilt.Bench.Statistics;

namespace Quilt.Bench.Scenarios;

/// <summary>
/// Copies of a running container of a large image that has changed little: how long it stands still, and how long until one, or
/// eight, run. The nearest that docker has is <c>commit</c> and <c>run</c> of the new image, once for each.
/// </summary>
internal sealed class ForkScenario : IScenario
{
    private const int Files = 200, Several = 8, MostRounds = 20;
    private const double Mega = 1e6;
    private const string Reference = "localhost/quilt-bench:large", Committed = "localhost/quilt-bench:committed";
    private static readonly string Change = $"i=0; while [ $i -lt {Files} ]; do echo $i > /changed-$i; i=$((i+1)); done";

    public string Name => "fork";

    public async Task<IReadOnlyList<Measurement>> RunAsync(Bench bench, CancellationToken cancel)
    {
        if (bench.Quilt is not { Images: { } images } quilt)
        {
            return [];
        }

        string archive = Path.Combine(bench.Workspace.Folder("fork"), "large.tar");
        long bytes = Write(archive, bench.Workspace.Rootfs, 40 * bench.LayerBytes);
        ImageCli? docker = bench.Peers.OfType<DockerPeer>().FirstOrDefault()?.Images;
        string source = bench.NextName();
        QuiltEngine engine = (QuiltEngine)quilt.Engines[0];
        try
        {
            images.Import(archive, Reference);
            images.Command.Run([.. images.Global, "run", "-d", "--name", source, Reference, "--", "/bin/sleep", "1000000"]);
            images.Command.Run([.. images.Global, "exec", source, "--", "/bin/sh", "-c", Change]);
            if (docker is not null)
            {
                docker.Import(archive, Reference);
                docker.Command.Run([.. docker.Global, "run", "-d", "--name", source, .. docker.RunOptions, Reference, "/bin/sleep", "1000000"]);
                docker.Command.Run([.. docker.Global, "exec", source, "/bin/sh", "-c", Change]);
            }

            return await RaceAsync(bench, engine, docker, source, $"{bytes / Mega:0} MB image, {Files} files changed", cancel);
        }
        finally
        {
            File.Delete(archive);
            await engine.RemoveAsync(source, CancellationToken.None);
            images.Remove(Reference);
            if (docker is not null)
            {
                docker.Command.Run([.. docker.Global, "rm", "--force", source]);
                docker.Remove(Reference);
            }
        }
    }

    private static async Task<IReadOnlyList<Measurement>> RaceAsync(Bench bench, QuiltEngine engine, ImageCli? docker, string source, string what, CancellationToken cancel)
    {
        Rounds rounds = new(Math.Min(3, bench.Rounds.WarmUps), Math.Min(MostRounds, bench.Rounds.Counted));
        Samples still = new(QuiltEngine.SideName);
        IReadOnlyList<Samples> one = await CopiesAsync(1), several = await CopiesAsync(Several);
        return
        [
            new Measurement("fork-still", $"a running container stands still to be forked: {what}", "ms", [still]) { Budget = new Budget.AtMost(10) },
            new Measurement("fork", $"one running copy of it", "ms", one) { Note = "by the API; docker: commit and run by its command line" },
            new Measurement("fork-8", $"{Several} running copies of it, in one call", "ms", several) { Note = $"docker: one commit, {Several} runs" },
        ];

        Task<IReadOnlyList<Samples>> CopiesAsync(int count) => Interleaving.RunAsync(
            [
                new Contender(QuiltEngine.SideName, async token =>
                {
                    JsonElement fork = default;
                    double taken = await Interleaving.TimeAsync(async () => fork = JsonElement.Parse(await engine.CallToolAsync("forkContainer", new { container = source, count }, token)));
                    still.Add(fork.GetProperty("stillMs").GetDouble());
                    foreach (JsonElement made in fork.GetProperty("containers").EnumerateArray())
                    {
                        await engine.RemoveAsync(made.GetProperty("id").GetString()!, token);
                    }

                    return taken;
                }),
                .. docker is null ? (Contender[])[] : [new Contender(docker.Side, _ => Task.FromResult(CommitAndRun(docker, source, count)))],
            ],
            rounds, cancel);
    }

    private static double CommitAndRun(ImageCli docker, string source, int count)
    {
        string[] names = [.. Enumerable.Range(1, count).Select(n => $"{source}-{n}")];
        double taken = docker.Command.Run([.. docker.Global, "commit", source, Committed]);
        foreach (string name in names)
        {
            taken += docker.Command.Run([.. docker.Global, "run", "-d", "--name", name, .. docker.RunOptions, Committed, "/bin/sleep", "1000000"]);
        }

        docker.Command.Run([.. docker.Global, "rm", "--force", .. names]);
        docker.Command.Run([.. docker.Global, "rmi", "--force", Committed]);
        return taken;
    }

    /// <returns>The archive's length.</returns>
    private static long Write(string archive, string rootfs, long bytes)
    {
        using FileStream file = File.Create(archive);
        using TarWriter writer = new(file, TarEntryFormat.Pax, leaveOpen: true);
        LayeredImage.AddRootfs(writer, rootfs);
        using MachineFiles files = new();
        files.Fill(writer, () => file.Position >= bytes);
        return file.Position;
    }
}
