using System.Diagnostics;

namespace Quilt.Images.Tests;

/// <summary>A file system of a test's own, gone with it.</summary>
internal sealed class SmallDisk : IDisposable
{
    private readonly string _path;

    internal SmallDisk(string path, int bytes)
    {
        _path = Directory.CreateDirectory(path).FullName;
        Shell.Run($"mount -t tmpfs -o size={bytes} tmpfs '{path}'");
    }

    public void Dispose() => Shell.Run($"umount '{_path}'");
}

internal static class Shell
{
    internal static string Run(string command)
    {
        using Process shell = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", command]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        Task<string> error = shell.StandardError.ReadToEndAsync();
        string output = shell.StandardOutput.ReadToEnd();
        shell.WaitForExit();
        Assert.True(shell.ExitCode == 0, $"{command}: {error.Result}");
        return output;
    }
}
