using System.ComponentModel;
using System.Diagnostics;

namespace Quilt.Linux;

/// <summary>What this host's CRIU says of itself. Quilt keeps the memory of no process; who wants to know why is told what there is.</summary>
/// <seealso href="https://criu.org/Check_the_kernel"/>
internal static class CheckpointProbe
{
    private const string Not = "not kept by Quilt", Remedy = "snapshots and forks have files alone: have the command save what it needs (docs/snapshots.md)";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    internal static HostFinding Look() => Finding(HostProgram.Find("criu") is { } program ? Check(program) : "no criu is installed");

    internal static HostFinding Finding(string criu) => new("memory of processes", $"{Not}; {criu}", Remedy) { IsNeeded = false };

    /// <param name="errors">What 'criu check' wrote.</param>
    internal static string Told(string program, int code, string errors) => code == 0
        ? $"{program} works on this kernel"
        : $"{program} does not work here: {errors.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).FirstOrDefault() ?? $"'criu check' ended with {code}"}";

    private static string Check(string program)
    {
        try
        {
            using Process check = Process.Start(new ProcessStartInfo(program, ["check"]) { RedirectStandardError = true, RedirectStandardOutput = true, UseShellExecute = false })!;
            Task<string> errors = check.StandardError.ReadToEndAsync();
            if (check.WaitForExit(Patience))
            {
                return Told(program, check.ExitCode, errors.Result);
            }

            check.Kill(entireProcessTree: true);
            return $"{program} does not answer";
        }
        catch (Win32Exception e)
        {
            return $"{program} cannot be run: {e.Message}";
        }
    }
}
