using Quilt.Oci;
using Quilt.Shim.Contract;
using Xunit;

namespace Quilt.Kernel.Tests;

/// <summary>CVE-2025-52565: what an image has where the container's terminal is made.</summary>
public sealed class TerminalPlaceTests(OciRuntimeFixture runtime) : KernelTest(runtime)
{
    [Theory]
    [InlineData("dev/console", "/proc/sysrq-trigger")]
    [InlineData("dev/console", "/etc/script")]
    [InlineData("dev/pts/ptmx", "/etc/script")]
    [InlineData("dev/pts", "/tmp")]
    public async Task A_link_in_a_terminals_place_is_not_followed(string place, string target)
    {
        (string id, string bundle) = Runtime.Bundle(["true"], WithTerminalInTheImagesDev(ownPts: place == "dev/console"));
        if (place != "dev/pts")
        {
            OciRuntimeFixture.ImageFolder(bundle, "dev/pts");
        }

        OciRuntimeFixture.ImageFolder(bundle, "dev");
        OciRuntimeFixture.ImageLink(bundle, place, target);
        await using ShimProcess shim = await ShimProcess.StartAsync();
        ShimException failure = await Assert.ThrowsAsync<ShimException>(() => shim.Create(id, bundle));
        Assert.Equal("open_terminal", failure.Error.Stage);
    }

    [Fact]
    public async Task A_pipe_in_the_consoles_place_is_covered_and_nobody_waits_for_its_other_end()
    {
        (string id, string bundle) = Runtime.Bundle(["stat", "-c", "%F %t:%T", "/dev/console"], WithTerminalInTheImagesDev(ownPts: true));
        OciRuntimeFixture.ImageFolder(bundle, "dev/pts");
        Assert.Equal(0, OciRuntimeFixture.Run("mkfifo", [Path.Combine(bundle, "rootfs/dev/console")]).ExitCode);
        await using (ShimProcess shim = await ShimProcess.StartAsync())
        {
            await shim.Create(id, bundle);
            using ShimConnection stream = await shim.Client.OpenAsync(new ShimRequest { Attach = new AttachRequest() }, TestContext.Current.CancellationToken);
            await shim.Ask(new ShimRequest { Start = new StartRequest() });
            (string stdout, _, _) = await ShimProcess.ReadToExit(stream);
            Assert.Equal("character special file 88:0\r\n", stdout);
        }

        ShimTests.RemoveGroup(id);
    }

    private static Func<OciSpec, OciSpec> WithTerminalInTheImagesDev(bool ownPts) => s => s with
    {
        Annotations = new Dictionary<string, string>(), // the root is the folder, which each test has prepared
        Process = s.Process! with { Terminal = true },
        Mounts = [.. s.Mounts.Where(m => !m.Destination.StartsWith("/dev", StringComparison.Ordinal) || (ownPts && m.Destination == "/dev/pts"))],
        Linux = s.Linux! with { MaskedPaths = [] },
    };
}
