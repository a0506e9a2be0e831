using System.Diagnostics;
using Quilt.Linux;

namespace Quilt.Testing;

/// <summary>A folder of the test's own, gone with it.</summary>
public sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("quilt-test-").FullName;

    public string this[string relative] => System.IO.Path.Combine(Path, relative);

    /// <summary>
    /// A script to execute. Another process writes it: a process that a test beside this one forks would have our descriptor until it
    /// executes something, and what is open for writing is not executed (ETXTBSY, execve(2)).
    /// </summary>
    /// <returns>Its path.</returns>
    public string Script(string name, string content)
    {
        using Process install = Process.Start(new ProcessStartInfo("install", ["-m", "755", "/dev/stdin", this[name]]) { RedirectStandardInput = true })!;
        install.StandardInput.Write(content);
        install.StandardInput.Close();
        install.WaitForExit();
        return install.ExitCode == 0 ? this[name] : throw new InvalidOperationException($"install ended with {install.ExitCode}");
    }

    public void Dispose() => FolderRemoval.Remove(Path); // names may be any bytes
}
