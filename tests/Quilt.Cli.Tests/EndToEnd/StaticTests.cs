using System.Diagnostics;
using Quilt.Testing;

namespace Quilt.Cli.Tests;

/// <summary>
/// quilt is linked statically. A library that it loaded would bring a second C library, whose thread-local storage lies upon our own: copies ended
/// by SIGSEGV now and then, for they asked OpenSSL for a random name. So it has to work where there is nothing to load.
/// </summary>
public sealed class StaticTests(CliDaemon daemon) : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task What_the_command_line_does_needs_no_library()
    {
        string name = $"t{Guid.NewGuid():N}"[..12];
        Directory.CreateDirectory(_folder["context"]);
        await File.WriteAllTextAsync(_folder["context/Dockerfile"], "FROM quilt/busybox\nCOPY Dockerfile /\n", TestContext.Current.CancellationToken);
        string[][] commands =
        [
            ["run", "-d", "--name", name, "--", "sleep", "1000"],
            ["exec", name, "--", "sh", "-c", "echo x > /file"],
            ["cp", $"{name}:/file", _folder["file"]],
            ["cp", $"{name}:/etc", _folder["etc"]],
            ["cp", _folder["etc"], $"{name}:/back"],
            ["build", "-t", $"{name}:1", "-o", $"type=local,dest={_folder["out"]}", _folder["context"]],
            ["save", "-o", _folder["saved.tar"], $"{name}:1"],
            ["load", "-i", _folder["saved.tar"]],
            ["commit", name, $"{name}:2"],
            ["doctor", "--bundle", _folder["bundle.tar.gz"]],
            ["ps", "-a"],
            ["rm", "-f", name],
            ["rmi", $"{name}:1", $"{name}:2"],
        ];
        foreach (string[] command in commands)
        {
            ProcessStartInfo quilt = daemon.Start(command);
            ProcessStartInfo bare = new("unshare", ["-m", "sh", "-c", "mount -t tmpfs none /usr/lib && exec \"$0\" \"$@\"", quilt.FileName, .. command]) { RedirectStandardOutput = true, RedirectStandardError = true };
            bare.Environment["QUILT_HOST"] = daemon.Host;
            using Process process = Process.Start(bare)!;
            Task<string> errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
            string output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);

            // doctor misses what lies there, such as nft's libraries; that it has ended as it does is enough.
            Assert.True(process.ExitCode == 0 || (command[0] == "doctor" && process.ExitCode == 1), $"{string.Join(' ', command)}: {process.ExitCode}\n{output}{await errors}");
        }
    }
}
