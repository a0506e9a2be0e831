using Quilt.Linux;
using Quilt.Shim.Contract;
using Xunit;

namespace Quilt.Kernel.Tests;

/// <summary>Our init as PID 1, with a command and alone.</summary>
public sealed class InitTests(OciRuntimeFixture runtime) : KernelTest(runtime)
{
    [Theory]
    [InlineData("exit 7", 7)]
    [InlineData("kill -9 $$", 137)]
    public async Task It_ends_as_the_command_does(string script, int exitCode) => await RunAsync(QuiltAnnotations.Init, ["sh", "-c", script], async (shim, _) =>
    {
        await shim.Ask(new ShimRequest { Start = new StartRequest() });
        Assert.Equal(exitCode, (await shim.NextEvent()).Exit.ExitCode);
    });

    [Fact]
    public async Task A_command_that_cannot_be_executed_is_told() => await RunAsync(QuiltAnnotations.Init, ["/etc/script"], async (shim, _) =>
        Assert.Equal("command_not_executable", (await Assert.ThrowsAsync<ShimException>(() => shim.Ask(new ShimRequest { Start = new StartRequest() }))).Error.Code));

    [Fact]
    public async Task It_reaps_orphans() => await RunAsync(QuiltAnnotations.Init, ["sh", "-c", "(sh -c 'sleep 0.1 & exit 0'); sleep 0.3; grep -l 'State:.Z' /proc/[0-9]*/status 2>/dev/null; true"], async (shim, bundle) =>
    {
        await shim.Ask(new ShimRequest { Start = new StartRequest() });
        Assert.Equal(0, (await shim.NextEvent()).Exit.ExitCode);
        Assert.Equal("", ShimProcess.LogOf(bundle));
    });

    [Fact]
    public async Task A_container_without_a_command_lives_until_it_is_asked_to_stop() => await RunAsync(QuiltAnnotations.KeepAlive, ["unused"], async (shim, _) =>
    {
        await shim.Ask(new ShimRequest { Start = new StartRequest() });
        using (ShimConnection exec = await shim.Exec("e", "tr '\\0' ' ' < /proc/1/cmdline"))
        {
            Assert.Equal("quilt-init", (await ShimProcess.ReadToExit(exec)).Stdout.Trim());
        }

        await shim.Ask(new ShimRequest { Signal = new SignalRequest(Signals.Terminate, null, false) });
        Assert.Equal(0, (await shim.NextEvent()).Exit.ExitCode);
    });

    private async Task RunAsync(string annotation, string[] args, Func<ShimProcess, string, Task> act)
    {
        (string id, string bundle) = Runtime.Bundle(args, s => OciRuntimeFixture.WithAnnotation(s, annotation));
        await using (ShimProcess shim = await ShimProcess.StartAsync())
        {
            await shim.Create(id, bundle);
            await act(shim, bundle);
        }

        ShimTests.RemoveGroup(id);
    }
}
