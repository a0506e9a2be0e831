using Quilt.Linux;
using Quilt.Oci;
using Quilt.Shim.Contract;
using Quilt.Testing;
using Xunit;

namespace Quilt.Kernel.Tests;

/// <summary>A shim's containers begin in a mount namespace with nothing in it: what is left of that when they have their root.</summary>
public sealed class ClearGroundTests(OciRuntimeFixture runtime) : KernelTest(runtime)
{
    private static readonly string[] Capable = [.. StandardCapabilities.All, "CAP_SYS_ADMIN", "CAP_DAC_READ_SEARCH", "CAP_SETFCAP"];
    private static readonly OciCapabilities All = new() { Bounding = Capable, Permitted = Capable, Effective = Capable };

    [Fact]
    public async Task A_container_sees_its_own_mounts_alone_and_is_not_in_a_chroot()
    {
        // Who is in a chroot may make no user namespace (user_namespaces(7)).
        await RunAsync("cut -d' ' -f5 /proc/self/mountinfo | head -n 1; unshare -U true && echo nested; cd /; cd ..; pwd; ls -d proc", async (shim, bundle) =>
        {
            Assert.Equal(0, (await shim.NextEvent()).Exit.ExitCode);
            Assert.Equal("/\nnested\n/\nproc\n", ShimProcess.LogOf(bundle));
        });
    }

    /// <summary>With all that it takes, and no filter; who comes in from then on begins below what was its root.</summary>
    [Fact]
    public async Task Below_a_root_that_a_container_takes_away_is_nothing_to_be_had()
    {
        await RunAsync("umount -l / && echo away; exec sleep 1000", async (shim, bundle) =>
        {
            await Deadline.Until(() => ShimProcess.LogOf(bundle) == "away\n");
            foreach (string command in (string[])["/bin/busybox", "/proc/self/exe", "/proc/1/exe"])
            {
                ShimException refused = await Assert.ThrowsAsync<ShimException>(() => shim.Client.OpenAsync(
                    new ShimRequest { Exec = new ShimExecRequest("e", new OciProcess { Args = [command], Cwd = "/", Capabilities = All }, false, false, 0, null) }, TestContext.Current.CancellationToken));
                Assert.Equal((int)Errno.EACCES, refused.Error.Errno);
            }

            await shim.Ask(new ShimRequest { Signal = new SignalRequest(Signals.Kill, null, false) });
            await shim.NextEvent();
        });
    }

    /// <summary>As <see cref="SystemCallTests.Without_a_filter_a_nested_user_namespace_unmasks_nothing"/>, of a container that began so.</summary>
    [Fact]
    public async Task Without_a_filter_a_nested_user_namespace_unmasks_nothing() => await RunAsync("exec hostile nested", async (shim, bundle) =>
    {
        Assert.Equal(0, (await shim.NextEvent()).Exit.ExitCode);
        Dictionary<string, string> results = HostileProgram.Results(ShimProcess.LogOf(bundle));
        Assert.All((string[])["unshare", "mount-tmpfs", "mkdir"], name => Assert.Equal((name, "ok"), (name, results[name])));
        Assert.All(SystemCallTests.NotForNested, name => Assert.NotEqual((name, "ok"), (name, results[name])));
    });

    /// <summary>A thread shares its working folder with the one that started it, and who shares it joins no mount namespace (setns(2)): telling of a lost exit starts one.</summary>
    [Fact]
    public async Task A_shim_that_has_started_a_thread_launches_as_before()
    {
        await using ShimProcess shim = await ShimProcess.StartAsync();
        for (int round = 0; round < 2; round++)
        {
            (string id, string bundle) = Runtime.Bundle(["sleep", "1000"]);
            await shim.Create(id, bundle, start: true);
            Directory.Move(bundle, bundle + ".away");
            await shim.Ask(new ShimRequest { Signal = new SignalRequest(Signals.Kill, null, false) });
            Assert.Equal(137, (await shim.NextEvent()).Exit.ExitCode);
            Directory.Delete(bundle + ".away", recursive: true);
            await shim.Ask(new ShimRequest { Reset = new ResetRequest() });
            ShimTests.RemoveGroup(id);
        }
    }

    private async Task RunAsync(string script, Func<ShimProcess, string, Task> act)
    {
        (string id, string bundle) = Runtime.Bundle(["sh", "-c", $"exec 2>&1; {script}"], s => s with
        {
            Process = s.Process! with { Capabilities = All },
            Linux = s.Linux! with { Seccomp = null },
        });
        try
        {
            await using ShimProcess shim = await ShimProcess.StartAsync();
            await shim.Create(id, bundle, start: true);
            await act(shim, bundle);
        }
        finally
        {
            ShimTests.RemoveGroup(id);
        }
    }
}
