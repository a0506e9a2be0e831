using System.Diagnostics;
using System.Text.Json;

namespace Quilt.Soak.Tests;

/// <summary>What is in the network namespace in which all links of a daemon's containers end, as iproute2 and nft show it.</summary>
internal static class FabricThings
{
    // What the kernel notes of senders, which goes by its own time.
    private static readonly string[] Notes = ["flows", "outs", "queries"];

    /// <param name="fabric">Where it is mounted; it goes some time after the last container that was in it.</param>
    internal static IEnumerable<string> Of(string fabric)
    {
        if (Run(fabric, "ip", "-o", "link", "show", "type", "veth") is not { } links || Run(fabric, "nft", "-j", "list", "ruleset") is not { } rules)
        {
            return [];
        }

        return [.. links.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(_ => "link"), .. Elements(rules)];
    }

    /// <summary>Those that edges and members are.</summary>
    private static IEnumerable<string> Elements(string rules)
    {
        foreach (JsonElement entry in JsonElement.Parse(rules).GetProperty("nftables").EnumerateArray())
        {
            foreach (JsonProperty set in entry.EnumerateObject().Where(p => p.Name is "set" or "map" && p.Value.TryGetProperty("elem", out _)))
            {
                if (!Notes.Contains(set.Value.GetProperty("name").GetString()))
                {
                    for (int i = set.Value.GetProperty("elem").GetArrayLength(); i > 0; i--)
                    {
                        yield return $"element of {set.Value.GetProperty("name")}";
                    }
                }
            }
        }
    }

    private static string? Run(string fabric, params string[] command)
    {
        using Process process = Process.Start(new ProcessStartInfo("nsenter", [$"--net={fabric}", .. command]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        string output = process.StandardOutput.ReadToEnd();
        process.StandardError.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 ? output : null;
    }
}
