using System.Diagnostics;

namespace Quilt.Registry.Tests.Servers;

/// <summary>Another client of registries, to compare with.</summary>
internal static class Skopeo
{
    /// <exception cref="InvalidOperationException">It failed; what it said.</exception>
    public static async Task<string> Run(params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo("skopeo", ["--insecure-policy", .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return process.ExitCode == 0 ? output : throw new InvalidOperationException($"skopeo {string.Join(' ', arguments)}: {await errors}");
    }
}
