using System.Diagnostics;

namespace Quilt.Bench.Peers;

/// <summary>Asks a program what it is.</summary>
internal static class Probe
{
    /// <returns>The first line that it prints.</returns>
    public static string FirstLine(string program, IReadOnlyList<string> arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true })
            ?? throw new BenchException($"'{program}' could not be started");
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return output.Split('\n')[0].Trim();
    }
}
