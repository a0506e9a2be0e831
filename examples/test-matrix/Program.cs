// A test matrix in parallel: a workspace is prepared once, forked for each cell, and the tests run in all forks at once.
//   dotnet run -c Release --project examples/test-matrix
using System.Formats.Tar;
using Quilt.Client;
using Quilt.Core;
using Quilt.Examples;

(string Zone, string Expected)[] zones = [("UTC0", "0"), ("CET-1", "1"), ("EST5", "-5"), ("IST-5:30", "5.5")];
string[] runners = ["sh", "busybox ash"];

return await Steps.RunAsync(RunAsync, e => (e as QuiltException)?.Remedy);

async Task RunAsync()
{
    await using QuiltClient quilt = new();

    Steps.Heading("One workspace, prepared once");
    await using QuiltContainer workspace = await Steps.StepAsync("create the workspace", () => quilt.RunContainerAsync(new ContainerOptions { MemoryBytes = 64 << 20, TimeToLive = TimeSpan.FromMinutes(10) }));
    await Steps.StepAsync("copy the project into it", () => CopyAsync(workspace));
    ExecResult prepared = await Steps.StepAsync("prepare it: what takes long is done here, once", () => workspace.ExecAsync(["sh", "-c", "cd /project && chmod +x *.sh && seq 100000 > fixtures"]));
    Steps.Check("it is prepared", prepared.ExitCode == 0, prepared.Stderr);

    Steps.Heading("A fork for each cell of the matrix, and the tests in all of them at once");
    Cell[] cells = [.. from zone in zones from runner in runners select new Cell(zone.Zone, zone.Expected, runner)];
    IReadOnlyList<QuiltContainer> forks = await Steps.StepAsync($"fork it {cells.Length} times", () => workspace.ForkAsync(new ForkOptions { Count = cells.Length, TimeToLive = TimeSpan.FromMinutes(10) }));
    try
    {
        ExecResult[] results = await Steps.StepAsync("run the tests", () => Task.WhenAll(cells.Zip(forks, (cell, fork) => fork.ExecAsync(["./test.sh"], cell.Options))));
        foreach ((Cell cell, QuiltContainer fork, ExecResult result) in cells.Zip(forks, results))
        {
            Steps.Tell($"{(result.ExitCode == 0 ? "passed" : "FAILED")}  {cell.Zone,-9} {cell.Runner,-12} {fork.Name}  {result.Stdout.TrimEnd()}");
        }

        Cell[] failed = [.. cells.Zip(results).Where(c => c.Second.ExitCode != 0).Select(c => c.First)];
        Steps.Check("what failed are the half hours, which the project forgets", failed.Length == runners.Length && failed.All(c => c.Zone == "IST-5:30"));

        Steps.Heading("A failed cell is as its run left it");
        QuiltContainer broken = forks[Array.IndexOf(cells, failed[0])];
        ExecResult look = await Steps.StepAsync($"look into {broken.Name}", () => broken.ExecAsync(["sh", "-c", "date +%z; ls"], failed[0].Options));
        Steps.Tell(look.Stdout);
        ExecResult untouched = await workspace.ExecAsync(["ls", "/project"]);
        Steps.Check("and the workspace knows nothing of any run", !untouched.Stdout.Contains("results", StringComparison.Ordinal), untouched.Stdout);
    }
    finally
    {
        await Steps.StepAsync("remove the forks", () => RemoveAsync(forks));
    }
}

static async Task<CopyResult> CopyAsync(QuiltContainer workspace)
{
    using MemoryStream archive = new();
    await TarFile.CreateFromDirectoryAsync(Path.Combine(AppContext.BaseDirectory, "project"), archive, includeBaseDirectory: true);
    archive.Position = 0;
    return await workspace.CopyToAsync("/", archive);
}

static async Task<int> RemoveAsync(IReadOnlyList<QuiltContainer> containers)
{
    await Task.WhenAll(containers.Select(c => c.DisposeAsync().AsTask()));
    return containers.Count;
}

internal sealed record Cell(string Zone, string Expected, string Runner)
{
    internal ExecOptions Options => new()
    {
        WorkingDirectory = "/project",
        Environment = new Dictionary<string, string> { ["TZ"] = Zone, ["EXPECTED"] = Expected, ["RUNNER"] = Runner },
        Timeout = TimeSpan.FromSeconds(30),
    };
}
