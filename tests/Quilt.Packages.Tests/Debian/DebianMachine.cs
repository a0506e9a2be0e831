using System.Diagnostics;
using System.Text.RegularExpressions;
using Quilt.Testing;

namespace Quilt.Packages.Tests;

/// <summary>
/// This machine once more, in namespaces of its own: its files below a layer that goes with it, so that packages are installed for real
/// and nothing is left. Its systemd is a stand-in (<c>Debian/systemctl</c>); with a real one tests/systemd.sh tries the package.
/// </summary>
internal sealed partial class DebianMachine : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly Process _holder;
    private string _init = "";
    private string[] _before = [];

    private DebianMachine() =>
        _holder = Process.Start(new ProcessStartInfo("unshare", ["--mount", "--pid", "--fork", "--kill-child", Sources.PathOf("tests/Quilt.Packages.Tests/Debian/machine.sh"), _folder.Path])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;

    /// <param name="package">Lies in its working folder.</param>
    internal static async Task<DebianMachine> StartAsync(DebianPackage package)
    {
        DebianMachine machine = new();
        Assert.Equal("ready", await machine._holder.StandardOutput.ReadLineAsync());
        machine._init = File.ReadAllText($"/proc/{machine._holder.Id}/task/{machine._holder.Id}/children").Trim();
        await machine.GiveAsync(package.File);
        machine._before = await machine.WrittenFilesAsync();
        return machine;
    }

    /// <summary>A file below its /var/lib.</summary>
    internal string StateFile(string name) => _folder[Path.Combine("lib", name)];

    /// <summary>What is to be in its working folder: the same file, where one can be in two places.</summary>
    internal async Task GiveAsync(string file)
    {
        ProgramRun given = await ProgramRun.OfAsync("bash", "-c", "ln \"$0\" \"$1\" 2>/dev/null || cp \"$0\" \"$1\"", file, _folder["shared"]);
        Assert.True(given.ExitCode == 0, $"{file} {given}");
    }

    internal Task<ProgramRun> RunAsync(string script)
    {
        // Neither a colour, nor a question, nor whom the tests themselves talk to.
        ProcessStartInfo start = new("nsenter", ["--target", _init, "--mount", "--pid", "bash", "-c", $"cd /mnt/shared && {script}"]) { Environment = { ["DEBIAN_FRONTEND"] = "noninteractive", ["HOME"] = "/root" } };
        start.Environment.Remove("QUILT_HOST");
        return ProgramRun.OfAsync(start);
    }

    internal async Task<string> DoAsync(string script)
    {
        ProgramRun run = await RunAsync(script);
        Assert.True(run.ExitCode == 0, $"{script}\n{run}");
        return run.Said;
    }

    /// <summary>Files that were added or changed since it began, but for what dpkg, apt and the cache of manuals write down for themselves.</summary>
    internal async Task<IEnumerable<string>> ChangedFilesAsync() =>
        (await WrittenFilesAsync()).Except(_before).Where(path => !Bookkeeping().IsMatch(path));

    private async Task<string[]> WrittenFilesAsync() =>
        (await DoAsync("find /mnt/upper ! -type d -printf '/%P\\n' ; find /mnt/lib -mindepth 1 -printf '/var/lib/%P\\n'")).Split('\n', StringSplitOptions.RemoveEmptyEntries);

    [GeneratedRegex("^/var/(lib/(dpkg|apt|systemd)|cache|log)(/|$)|^/etc/(g?shadow|group|passwd|subuid|subgid)-?$|^/etc/.pwd.lock$")]
    private static partial Regex Bookkeeping();

    public async ValueTask DisposeAsync()
    {
        // Its first process ends, and with it all others and the mounts.
        _holder.StandardInput.Close();
        await _holder.WaitForExitAsync();
        _holder.Dispose();
        _folder.Dispose();
    }
}
