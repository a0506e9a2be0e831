using System.Diagnostics;
using System.Text.Json;
using Quilt.Linux;
using Quilt.Shim.Contract;
using Quilt.Testing;
using Xunit;

namespace Quilt.Kernel.Tests;

/// <summary>A container lives as long as its shim does: what a shim cannot have for a while must not end it.</summary>
public sealed class ShimShortageTests(OciRuntimeFixture runtime) : KernelTest(runtime)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Without_descriptors_a_container_writes_and_runs_on_and_who_comes_meanwhile_is_answered_later()
    {
        int resource = ResourceLimits.NumberOf("RLIMIT_NOFILE");
        (string id, string bundle) = Runtime.Bundle(["sh", "-c", "until [ -e /tmp/go ]; do sleep 0.02; done; head -c 100000000 /dev/zero; sleep 1.2; touch /tmp/written; until [ -e /tmp/end ]; do sleep 0.02; done; exit 3"]);
        await using (ShimProcess shim = await ShimProcess.StartAsync())
        {
            await shim.Create(id, bundle);
            string root = $"/proc/{(await shim.Ask(new ShimRequest { Start = new StartRequest() })).Process!.Pid}/root/tmp";
            using ShimConnection known = await shim.Client.OpenAsync(new ShimRequest { Watch = new WatchRequest() }, Cancellation);
            (ulong soft, ulong hard) = Sys.GetResourceLimit(resource, shim.Pid);
            Sys.SetResourceLimit(shim.Pid, resource, 3, hard); // as good as none, whatever is closed meanwhile
            File.WriteAllText($"{root}/go", "");
            await Deadline.Until(() => File.Exists($"{root}/written"), TimeSpan.FromSeconds(60));

            Task<ShimResponse> asked = shim.Ask(new ShimRequest { State = new StateRequest() });
            await known.SendAsync(FrameKind.Request, ShimConnection.Payload(new ShimRequest { State = new StateRequest() }), Cancellation);
            Assert.Equal("running", JsonSerializer.Deserialize((await known.ReadAsync(Cancellation))!.Value.Payload.Span, ShimJson.Default.ShimResponse)!.State!.Status);
            Assert.False(asked.IsCompleted);
            Sys.SetResourceLimit(shim.Pid, resource, soft, hard);
            Assert.Equal("running", (await asked).State!.Status);
            File.WriteAllText($"{root}/end", "");
            Assert.Equal(3, (await shim.NextEvent()).Exit.ExitCode);
        }

        ShimTests.RemoveGroup(id);
    }

    [Fact]
    public async Task An_exec_whose_clock_cannot_be_had_is_refused_and_does_not_run()
    {
        Assert.SkipWhen(!File.Exists("/usr/bin/strace"), "strace, which makes the call fail, is not here");
        (string id, string bundle) = Runtime.Bundle(["sh", "-c", "exec sleep 1000"]);
        await using (ShimProcess shim = await ShimProcess.StartAsync())
        {
            await shim.Create(id, bundle, start: true);
            using (await FailingAsync(shim.Pid, "timerfd_create:error=EMFILE"))
            {
                ShimException refused = await Assert.ThrowsAsync<ShimException>(() => shim.Exec("e1", "exec sleep 1000", background: true, timeoutMillis: 600_000));
                Assert.Equal("resource_exhausted", refused.Error.Code);
                Assert.False(Directory.Exists(new BundleLayout(bundle).Exec("e1")));
                Assert.Single(CgroupHost.OfThisMachine().Open($"{OciRuntimeFixture.Group}/{id}").Processes());
            }

            using ShimConnection exec = await shim.Exec("e1", "exit 4", timeoutMillis: 600_000);
            Assert.Equal(4, (await ShimProcess.ReadToExit(exec)).Exit.ExitCode);
        }

        ShimTests.RemoveGroup(id);
    }

    [Fact]
    public async Task An_exec_that_cannot_be_held_keeps_the_container_from_no_end()
    {
        Assert.SkipWhen(!File.Exists("/usr/bin/strace"), "strace, which makes the call fail, is not here");
        (string id, string bundle) = Runtime.Bundle(["sh", "-c", "exec sleep 1000"]);
        await using (ShimProcess shim = await ShimProcess.StartAsync())
        {
            await shim.Create(id, bundle, start: true);
            using (await FailingAsync(shim.Pid, "pidfd_open:error=EMFILE"))
            {
                ShimException refused = await Assert.ThrowsAsync<ShimException>(() => shim.Exec("e1", "exec sleep 1000"));
                Assert.Equal("resource_exhausted", refused.Error.Code);
            }

            await shim.Ask(new ShimRequest { Signal = new SignalRequest(Signals.Kill, null, false) });
            Assert.Equal(Signals.Kill, (await shim.NextEvent().WaitAsync(TimeSpan.FromSeconds(60), Cancellation)).Exit.Signal);
        }

        ShimTests.RemoveGroup(id);
    }

    /// <summary>Has a system call of a process's fail until it is disposed.</summary>
    private static async Task<IDisposable> FailingAsync(int pid, string fault)
    {
        Process strace = Process.Start(new ProcessStartInfo("/usr/bin/strace", ["-o", "/dev/null", "-e", $"trace={fault.Split(':')[0]}", "-e", $"inject={fault}", "-p", $"{pid}"]) { RedirectStandardError = true })!;
        string told = await strace.StandardError.ReadLineAsync(Cancellation) ?? "";
        Assert.EndsWith("attached", told, StringComparison.Ordinal);
        return new Tracing(strace);
    }

    private sealed class Tracing(Process strace) : IDisposable
    {
        public void Dispose()
        {
            Sys.Kill(strace.Id, Signals.Terminate); // it lets go of what it traces
            strace.WaitForExit();
            strace.Dispose();
        }
    }
}
