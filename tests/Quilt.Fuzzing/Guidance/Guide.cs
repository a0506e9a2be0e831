using System.Globalization;
using CsCheck;

namespace Quilt.Fuzzing.Guidance;

/// <summary>Runs one property as tests/fuzz.sh asks for it, and writes down what came of it.</summary>
internal static class Guide
{
    /// <summary>'guided', or 'unguided', which only counts edges; of instrumented code both.</summary>
    private static readonly string? Mode = Environment.GetEnvironmentVariable("QUILT_FUZZ_COVERAGE");

    internal static bool IsAsked => Mode is "guided" or "unguided";

    internal static void Run<T>(string target, Gen<T> inputs, Action<T> property, TimeSpan time)
    {
        string folder = Path.Combine(Environment.GetEnvironmentVariable("QUILT_FUZZ_FOLDER") ?? throw new InvalidOperationException("QUILT_FUZZ_FOLDER is not set"), target, Mode!);
        GuidedRun? run = null;
        using Findings findings = new(folder, hangs: () =>
        {
            Report(folder, run!, hangs: 1);
            Environment.FailFast("an input takes too long");
        });
        run = new GuidedRun(findings, Mode == "guided");
        long end = Environment.TickCount64 + (long)time.TotalMilliseconds;
        run.Run(inputs, property, new PCG(1), () => Environment.TickCount64 < end);
        Report(folder, run, hangs: 0);
        if (findings.Crashes > 0)
        {
            throw new InvalidOperationException($"{findings.Crashes} kinds of failures are in {folder}/crashes");
        }
    }

    private static void Report(string folder, GuidedRun run, int hangs) => File.WriteAllText(
        Path.Combine(folder, "result"), string.Create(CultureInfo.InvariantCulture, $"{run.Executions} {run.Edges} {run.Kept} {run.Findings.Crashes} {hangs}\n"));
}
