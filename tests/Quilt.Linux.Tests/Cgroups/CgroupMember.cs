using System.Diagnostics;

namespace Quilt.Linux.Tests.Cgroups;

/// <summary>A shell in a group, which runs its script once it is told to.</summary>
internal sealed class CgroupMember : IDisposable
{
    private readonly Process _shell;

    internal CgroupMember(ICgroup group, string script)
    {
        _shell = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", "read go; " + script]) { RedirectStandardInput = true, RedirectStandardError = true })!;
        group.AddProcess(_shell.Id);
    }

    internal int Pid => _shell.Id;

    internal void Go() => _shell.StandardInput.WriteLine();

    internal async Task<int> ExitCode()
    {
        await _shell.WaitForExitAsync(TestContext.Current.CancellationToken);
        return _shell.ExitCode;
    }

    public void Dispose()
    {
        if (!_shell.HasExited)
        {
            _shell.Kill(true);
            _shell.WaitForExit();
        }

        _shell.Dispose();
    }
}
