using System.Diagnostics;
using Quilt.Testing;

namespace Quilt.Examples.Tests;

/// <summary>Runs an example as its reader does.</summary>
internal static class Example
{
    private const int NothingToRunOf = 77;

    internal static string Folder { get; } = Sources.PathOf("examples");

    /// <summary>A built program of a folder in examples, with what quilt and its clients read of the environment.</summary>
    /// <returns>What it said.</returns>
    internal static Task<string> RunAsync(string folder, string program, DaemonProcess daemon, string? token, params string[] arguments)
    {
        // Such as bin/Release/net10.0, as ours.
        string built = Path.GetRelativePath(Sources.PathOf("tests/Quilt.Examples.Tests"), AppContext.BaseDirectory);
        return RunAsync(Path.Combine(Folder, folder, built, program), daemon, token, arguments);
    }

    internal static Task<string> RunScriptAsync(string script, DaemonProcess? daemon = null, string? token = null) => RunAsync(Path.Combine(Folder, script), daemon, token);

    private static async Task<string> RunAsync(string path, DaemonProcess? daemon, string? token, params string[] arguments)
    {
        ProcessStartInfo start = new(path, arguments);
        start.Environment["PATH"] = $"{Programs.Folder}:{start.Environment["PATH"]}";
        start.Environment["QUILT_BIN"] = Programs.Folder;
        start.Environment["QUILT_HOST"] = daemon is null ? null : $"unix://{daemon.Socket}";
        start.Environment["QUILT_TOKEN"] = token;
        ProgramRun run = await ProgramRun.OfAsync(start);
        Assert.SkipWhen(run.ExitCode == NothingToRunOf, run.Said.TrimEnd().Split('\n')[^1]);
        Assert.True(run.ExitCode == 0, $"{path} {run}");
        return run.Said;
    }
}
