using System.Diagnostics;
using Quilt.Linux;
using Quilt.Oci;
using Quilt.Shim.Contract;
using Quilt.Testing;
using Xunit;

namespace Quilt.Kernel.Tests;

/// <summary>Our own processes while they are among the container's: on their way to a command, and the init.</summary>
public sealed class JoiningTests(OciRuntimeFixture runtime) : KernelTest(runtime)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_init_cannot_be_traced_read_or_robbed_of_its_descriptors()
    {
        (string id, string bundle) = Runtime.Bundle(["sleep", "1000"], s => OciRuntimeFixture.WithAnnotation(s, QuiltAnnotations.Init));
        await using (ShimProcess shim = await ShimProcess.StartAsync())
        {
            OciProcess own = (await shim.Create(id, bundle, start: true)).Process!;
            using ShimConnection exec = await shim.Client.OpenAsync(new ShimRequest { Exec = new ShimExecRequest("e", own with { Args = ["hostile", "trace", "1"] }, false, false, 0, null) }, Cancellation);
            Dictionary<string, string> results = HostileProgram.Results((await ShimProcess.ReadToExit(exec)).Stdout);
            Assert.True(results.Count >= 14);

            // Some kernels open auxv to who may not trace, and it is empty then.
            Assert.All(results, r => Assert.DoesNotContain(r.Value, r.Key == "auxv" ? (string[])["ok"] : ["ok", "nothing"]));
        }

        ShimTests.RemoveGroup(id);
    }

    /// <summary>CVE-2016-9962: an exec's process, looked into and traced before it has become its command.</summary>
    [Fact]
    public void A_joining_process_shows_nothing_of_the_host_to_those_inside()
    {
        using RunningContainer container = Runtime.Start();
        using BackgroundProcess watcher = container.Background("hostile", "watch-joiners");
        Assert.Equal("watching", watcher.FirstLine);
        const int joiners = 40;
        for (int i = 0; i < joiners; i++)
        {
            Runtime.Oci("exec", "--env", "PASSWORD=joiners", container.Id, "true");
        }

        // From outside: it would kill whoever comes in to end it.
        foreach (int pid in container.Cgroup.Processes().Where(p => File.ReadAllText($"/proc/{p}/comm").Trim() == "hostile"))
        {
            using Process ended = Process.GetProcessById(pid);
            ended.Kill();
        }

        string[] seen = watcher.Stop().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.All(seen, line => Assert.StartsWith("met ", line, StringComparison.Ordinal));
        Assert.True(seen.Length >= joiners / 2, $"the watcher met {seen.Length} of those who joined");
    }

    /// <summary>Those inside can stop whoever joins them; who launches is not to hang with it.</summary>
    [Fact]
    public async Task A_container_that_stops_whoever_joins_it_can_still_be_ended()
    {
        (string id, string bundle) = Runtime.Bundle(["hostile", "stop-joiners"]);
        await using (ShimProcess shim = await ShimProcess.StartAsync())
        {
            await shim.Create(id, bundle);
            using ShimConnection follow = await shim.Client.OpenAsync(new ShimRequest { FollowLog = new FollowLogRequest(null) }, Cancellation);
            await shim.Ask(new ShimRequest { Start = new StartRequest() });
            await follow.ReadAsync(Cancellation);
            Task<ShimConnection> exec = shim.Exec("e", "exec sleep 1000");
            await shim.Ask(new ShimRequest { Signal = new SignalRequest(Signals.Kill, null, true) });
            Assert.Equal(137, (await shim.NextEvent()).Exit.ExitCode);
            try
            {
                (await exec).Dispose();
            }
            catch (ShimException e)
            {
                Assert.Equal("readiness", e.Error.Stage);
            }
        }

        ShimTests.RemoveGroup(id);
    }

    [Fact]
    public async Task An_exec_that_is_held_up_on_its_way_in_keeps_nobody_waiting_and_runs_when_it_is_let_go()
    {
        (string id, string bundle) = Runtime.Bundle(["sleep", "1000"]);
        await using (ShimProcess shim = await ShimProcess.StartAsync())
        {
            await shim.Create(id, bundle, start: true);
            using BackgroundProcess holder = new(Runtime.Hostile, ["meet-cloner", $"{shim.Pid}", "hold"]);
            Assert.Equal("watching", holder.FirstLine);
            Task<ShimConnection> exec = shim.Exec("e", "read line; echo got $line", stdin: true);
            Assert.Equal("met", await holder.NextLine());
            Assert.Empty((await shim.Ask(new ShimRequest { State = new StateRequest() })).State!.Execs);
            Assert.Equal("already_exists", (await Assert.ThrowsAsync<ShimException>(() => shim.Exec("e", "true"))).Error.Code);
            Assert.False(exec.IsCompleted);
            holder.Stop();
            using ShimConnection connection = await exec;
            await connection.SendAsync(FrameKind.Stdin, "it\n"u8.ToArray(), Cancellation);
            (string stdout, _, ExitRecord exit) = await ShimProcess.ReadToExit(connection);
            Assert.Equal(("got it\n", 0), (stdout, exit.ExitCode));
        }

        ShimTests.RemoveGroup(id);
    }

    [Fact]
    public async Task An_exec_that_nobody_waits_for_any_more_while_it_is_held_up_is_ended()
    {
        (string id, string bundle) = Runtime.Bundle(["sleep", "1000"]);
        await using (ShimProcess shim = await ShimProcess.StartAsync())
        {
            await shim.Create(id, bundle, start: true);
            using BackgroundProcess holder = new(Runtime.Hostile, ["meet-cloner", $"{shim.Pid}", "hold"]);
            using CancellationTokenSource gone = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
            Task<ShimConnection> exec = shim.Client.OpenAsync(ShimProcess.ExecRequest("e", "exec sleep 1000"), gone.Token);
            Assert.Equal("met", await holder.NextLine());
            await gone.CancelAsync();
            await Assert.ThrowsAnyAsync<Exception>(() => exec);
            holder.Stop();
            await Deadline.Until(() => shim.Children.Length == 1);
        }

        ShimTests.RemoveGroup(id);
    }

    /// <summary>What it has cloned is the shim's to reap, and until then the container's first process cannot end.</summary>
    [Fact]
    public async Task A_container_ends_though_an_execs_intermediate_process_was_killed_before_it_could_say_whom_it_cloned()
    {
        (string id, string bundle) = Runtime.Bundle(["sleep", "1000"]);
        await using (ShimProcess shim = await ShimProcess.StartAsync())
        {
            await shim.Create(id, bundle, start: true);
            using BackgroundProcess killer = new(Runtime.Hostile, ["meet-cloner", $"{shim.Pid}", "kill"]);
            Task<ShimConnection> exec = shim.Exec("e", "exec sleep 1000");
            Assert.Equal("met", await killer.NextLine());
            await shim.Ask(new ShimRequest { Signal = new SignalRequest(Signals.Kill, null, true) });
            Assert.Equal(137, (await shim.NextEvent().WaitAsync(TimeSpan.FromSeconds(30), Cancellation)).Exit.ExitCode);
            await Assert.ThrowsAsync<ShimException>(() => exec);
            Assert.Empty(shim.Children);
        }

        ShimTests.RemoveGroup(id);
    }

    /// <summary>CVE-2019-5736: a shim's program is not sealed, and is never within reach of a root that could write to it.</summary>
    [Fact]
    public async Task A_shim_launches_no_container_whose_root_is_the_hosts()
    {
        (string shared, string sharedBundle) = Runtime.Bundle(["true"], KnownBreakoutTests.WithoutUserNamespace);
        OciIdMapping[] identity = [new(0, 0, 65536)];
        (string mapped, string mappedBundle) = Runtime.Bundle(["true"], s => s with { Linux = s.Linux! with { UidMappings = identity, GidMappings = identity } });
        await using ShimProcess shim = await ShimProcess.StartAsync();
        foreach ((string id, string bundle) in ((string, string)[])[(shared, sharedBundle), (mapped, mappedBundle)])
        {
            Assert.Equal("failed_precondition", (await Assert.ThrowsAsync<ShimException>(() => shim.Create(id, bundle))).Error.Code);
        }
    }

    /// <summary>CVE-2020-15257: the shim is reached by a path, by root alone, and by no abstract name.</summary>
    [Fact]
    public async Task A_shim_answers_nobody_but_root_and_has_no_abstract_socket()
    {
        await using ShimProcess shim = await ShimProcess.StartAsync();
        string socket = shim.Socket, folder = Path.GetDirectoryName(socket)!;
        Assert.DoesNotContain(File.ReadLines("/proc/net/unix"), l => l.Contains('@', StringComparison.Ordinal) && l.Contains("quilt", StringComparison.Ordinal));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(folder));
        const string request = """{"state":{}}""";
        Assert.Equal("connect ok\nanswer yes\n", Peer("0"));
        Assert.Equal("connect EACCES\n", Peer("1000"));

        // Even where someone has opened it all up.
        const UnixFileMode everybody = (UnixFileMode)0x1FF;
        foreach (string path in (string[])[socket, folder, Path.GetDirectoryName(folder)!])
        {
            File.SetUnixFileMode(path, everybody);
        }

        Assert.Equal("connect ok\nanswer none\n", Peer("1000"));

        // The program lies in a folder of root's own: this one is for the other user.
        string Peer(string uid)
        {
            string copy = Path.Combine(Path.GetTempPath(), $"quilt-peer-{Environment.ProcessId}");
            File.Copy(Runtime.Hostile, copy, overwrite: true);
            try
            {
                return OciRuntimeFixture.Run(copy, ["peer", socket, uid, request]).Output;
            }
            finally
            {
                File.Delete(copy);
            }
        }
    }
}
