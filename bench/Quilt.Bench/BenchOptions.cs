using System.CommandLine;

namespace Quilt.Bench;

/// <summary>What the command line asks for.</summary>
/// <param name="Only">Scenarios; empty: all.</param>
/// <param name="Peers">Sides beside ours; null: whichever are installed.</param>
/// <param name="Bin">The folder of the built programs.</param>
/// <param name="Work">Where the run's own folder is made.</param>
internal sealed record BenchOptions(
    int Rounds, int WarmUps, bool Quick, IReadOnlyList<string> Only, IReadOnlyList<string>? Peers, string Bin, string Work, string? Json, string? Plot)
{
    public static readonly string[] Scenarios = ["rest", "launcher", "lifecycle", "exec", "output", "engine", "neighbours", "connect", "packets", "connected", "run", "rate", "memory", "growth", "pull", "build", "import", "fork", "leaks"];
    public static readonly string[] Sides = ["quilt", "docker", "containerd", "podman", "buildah", "runc", "crun", "bubblewrap"];

    public static RootCommand Command(Func<BenchOptions, CancellationToken, Task<int>> run)
    {
        Option<int> rounds = new("--rounds") { Description = "Counted rounds of what takes milliseconds", DefaultValueFactory = _ => 50 };
        Option<int> warmUps = new("--warm-ups") { Description = "Rounds before those, thrown away", DefaultValueFactory = _ => 15 };
        Option<bool> quick = new("--quick") { Description = "Few rounds and few containers: to see that it works, not to quote" };
        Option<string[]> only = new("--only") { Description = $"Scenarios, separated by commas: {string.Join(' ', Scenarios)}" };
        Option<string[]> peers = new("--peers") { Description = $"Sides, separated by commas; whichever are installed where none is named: {string.Join(' ', Sides)}" };
        Option<string> bin = new("--bin") { Description = "The folder of the built programs", DefaultValueFactory = _ => "artifacts/bin" };
        Option<string> work = new("--work") { Description = "Where the run's own folder is made", DefaultValueFactory = _ => Path.GetTempPath() };
        Option<string?> json = new("--json") { Description = "Writes every sample to this file" };
        Option<string?> plot = new("--plot") { Description = "Draws the times into this SVG file" };
        RootCommand command = new("Measures Quilt and whichever peers are installed, in one run. Needs root.") { rounds, warmUps, quick, only, peers, bin, work, json, plot };
        command.SetAction((parsed, cancel) => run(
            new BenchOptions(
                parsed.GetValue(quick) ? 5 : parsed.GetValue(rounds), parsed.GetValue(quick) ? 2 : parsed.GetValue(warmUps), parsed.GetValue(quick),
                Known("--only", parsed.GetValue(only), Scenarios) ?? Scenarios, Known("--peers", parsed.GetValue(peers), Sides),
                Path.GetFullPath(parsed.GetValue(bin)!), Path.GetFullPath(parsed.GetValue(work)!), parsed.GetValue(json), parsed.GetValue(plot)),
            cancel));
        return command;
    }

    private static string[]? Known(string option, string[]? given, string[] known)
    {
        string[] names = [.. (given ?? []).SelectMany(g => g.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))];
        return names.FirstOrDefault(n => !known.Contains(n)) is { } wrong
            ? throw new BenchException($"{option}: no '{wrong}'; there are {string.Join(", ", known)}")
            : names.Length == 0 ? null : names;
    }
}
