using System.Diagnostics;
using System.Text.Json;
using Quilt.Linux;
using Xunit;

namespace Quilt.Kernel.Tests;

/// <summary>A container that runs by itself, gone with the test.</summary>
public sealed class RunningContainer : IDisposable
{
    private readonly OciRuntimeFixture _runtime;

    internal RunningContainer(OciRuntimeFixture runtime, string id, string bundle)
    {
        (_runtime, Id, Bundle) = (runtime, id, bundle);
        Assert.Equal(0, runtime.Detached("run", "--detach", "--bundle", bundle, id));
    }

    public string Id { get; }
    public string Bundle { get; }

    public ICgroup Cgroup => CgroupHost.OfThisMachine().Open($"{OciRuntimeFixture.Group}/{Id}");

    /// <summary>Its first process, as the host numbers it.</summary>
    public int Pid
    {
        get
        {
            using JsonDocument state = JsonDocument.Parse(_runtime.Oci("state", Id).Output);
            return state.RootElement.GetProperty("pid").GetInt32();
        }
    }

    public (int ExitCode, string Output) Exec(params string[] command) => _runtime.Oci(["exec", Id, .. command]);

    /// <summary>Runs on, while the test does something else; returns when it has said its first line.</summary>
    public BackgroundProcess Background(params string[] command) => new(OciRuntimeFixture.Runtime, ["--root", _runtime.Root, "exec", Id, .. command]);

    public void Dispose() => Assert.Equal((0, ""), _runtime.Oci("delete", "--force", Id));
}

/// <summary>A process that runs beside the test, gone with it.</summary>
public sealed class BackgroundProcess : IDisposable
{
    private readonly Process _process;

    public BackgroundProcess(string program, IReadOnlyList<string> args)
    {
        _process = Process.Start(new ProcessStartInfo(program, args) { RedirectStandardOutput = true })!;
        FirstLine = _process.StandardOutput.ReadLine() ?? "";
    }

    public string FirstLine { get; }

    public Task<string?> NextLine() => _process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken).AsTask();

    /// <summary>Awaits its end, and returns what it has said since its first line.</summary>
    public string Finish()
    {
        string rest = _process.StandardOutput.ReadToEnd();
        _process.WaitForExit();
        return rest;
    }

    /// <summary>Ends it, and returns what it has said since its first line.</summary>
    public string Stop()
    {
        _process.Kill();
        string rest = _process.StandardOutput.ReadToEnd();
        _process.WaitForExit();
        return rest;
    }

    public void Dispose()
    {
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
    }
}
