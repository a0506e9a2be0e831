using System.Diagnostics;
using System.Text;
using System.Text.Json;
using Quilt.Linux;
using Quilt.Oci;
using Quilt.Shim.Contract;
using Quilt.Testing;
using Xunit;

namespace Quilt.Kernel.Tests;

public sealed class ShimTests(OciRuntimeFixture runtime) : KernelTest(runtime)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private (string Id, string Bundle) Bundle(string script, Func<OciSpec, OciSpec>? change = null) => Runtime.Bundle(["sh", "-c", script], change);

    internal static void RemoveGroup(string id) => CgroupHost.OfThisMachine().Open($"{OciRuntimeFixture.Group}/{id}").Remove();

    [Fact]
    public async Task A_container_runs_is_logged_and_its_exit_is_on_disk_when_it_is_told()
    {
        (string id, string bundle) = Bundle("echo out; echo err >&2; exit 7");
        await using (ShimProcess shim = await ShimProcess.StartAsync())
        {
            await shim.Create(id, bundle);
            await shim.Ask(new ShimRequest { Start = new StartRequest() });
            ShimEvent ended = await shim.NextEvent();
            Assert.Equal(7, ended.Exit.ExitCode);
            Assert.Equal(ended.Exit, JsonSerializer.Deserialize(await File.ReadAllBytesAsync(new BundleLayout(bundle).Exit, Cancellation), ShimJson.Default.ExitRecord));
            using LogReader log = new(new BundleLayout(bundle).Logs);
            Assert.Equal([(LogStream.Stdout, "out\n"), (LogStream.Stderr, "err\n")], log.Read().Select(e => (e.Stream, Encoding.UTF8.GetString(e.Data.Span))).OrderBy(e => e.Stream));
        }

        RemoveGroup(id);
    }

    [Fact]
    public async Task One_whose_spawner_died_as_it_began_goes_without_a_word()
    {
        using TemporaryFolder folder = new();
        using Process shim = Process.Start(new ProcessStartInfo(
            Path.Combine(Path.GetDirectoryName(OciRuntimeFixture.Runtime)!, "quilt-shim"), ["--socket", folder["shim.sock"], "--ready", $"/proc/{int.MaxValue}/fd/5"])
        {
            RedirectStandardError = true,
        })!;
        Assert.Equal("", await shim.StandardError.ReadToEndAsync(Cancellation));
        await shim.WaitForExitAsync(Cancellation);
        Assert.Equal(0, shim.ExitCode);
        Assert.False(File.Exists(folder["shim.sock"]));
    }

    /// <summary>A library brings a second libc with it, whose memory allocator and ours then write over each other's.</summary>
    [Fact]
    public async Task Neither_a_shim_nor_its_spawner_loads_a_library()
    {
        (string id, string bundle) = Bundle("sleep 1000");
        await using (ShimProcess shim = await ShimProcess.StartAsync())
        {
            await shim.Create(id, bundle);
            await shim.Ask(new ShimRequest { Start = new StartRequest() });
            using (ShimConnection exec = await shim.Exec("e", "true"))
            {
                await ShimProcess.ReadToExit(exec);
            }

            foreach (int pid in (int[])[shim.Pid, shim.SpawnerPid])
            {
                Assert.DoesNotContain(".so", File.ReadAllText($"/proc/{pid}/maps"), StringComparison.Ordinal);
            }

            await shim.Ask(new ShimRequest { Signal = new SignalRequest(Signals.Kill, null, false) });
            await shim.NextEvent();
        }

        RemoveGroup(id);
    }

    [Fact]
    public async Task A_shim_whose_container_has_ended_takes_another_and_keeps_no_descriptor_of_the_first()
    {
        await using ShimProcess shim = await ShimProcess.StartAsync();
        int? descriptors = null;
        for (int round = 0; round < 4; round++)
        {
            (string id, string bundle) = Bundle("exit 3");
            await shim.Create(id, bundle);
            ShimException early = await Assert.ThrowsAsync<ShimException>(() => shim.Ask(new ShimRequest { Reset = new ResetRequest() }));
            Assert.Equal("failed_precondition", early.Error.Code);

            // The last one is never started.
            await shim.Ask(round < 3 ? new ShimRequest { Start = new StartRequest() } : new ShimRequest { Signal = new SignalRequest(Signals.Kill, null, false) });
            Assert.Equal(round < 3 ? 3 : 137, (await shim.NextEvent()).Exit.ExitCode);
            await shim.Ask(new ShimRequest { Reset = new ResetRequest() });
            Assert.Equal("idle", (await shim.Ask(new ShimRequest { State = new StateRequest() })).State!.Status);
            RemoveGroup(id);
            descriptors ??= Directory.GetFiles($"/proc/{shim.Pid}/fd").Length;
            await Deadline.Until(() => Directory.GetFiles($"/proc/{shim.Pid}/fd").Length <= descriptors);
        }
    }

    /// <summary>Left armed, its timer would come, stay readable, and keep the loop turning for as long as the shim lives.</summary>
    [Fact]
    public async Task A_shim_that_was_claimed_waits_for_no_timer()
    {
        await using ShimProcess shim = await ShimProcess.StartAsync();
        string[] timers = [.. Directory.GetFiles($"/proc/{shim.Pid}/fdinfo").Select(File.ReadAllText).Where(info => info.Contains("it_value:"))];
        Assert.NotEmpty(timers);
        Assert.All(timers, timer => Assert.Contains("it_value: (0, 0)", timer));
    }

    [Fact]
    public async Task An_attached_client_gets_all_output_and_its_input_arrives()
    {
        (string id, string bundle) = Bundle("cat; echo done");
        await using (ShimProcess shim = await ShimProcess.StartAsync())
        {
            await shim.Create(id, bundle, stdinOpen: true);
            using ShimConnection stream = await shim.Client.OpenAsync(new ShimRequest { Attach = new AttachRequest() }, Cancellation);
            await shim.Ask(new ShimRequest { Start = new StartRequest() });
            await stream.SendAsync(FrameKind.Stdin, "hello\n"u8.ToArray(), Cancellation);
            await stream.SendAsync(FrameKind.Stdin, default, Cancellation);
            (string stdout, _, ExitRecord exit) = await ShimProcess.ReadToExit(stream);
            Assert.Equal(("hello\ndone\n", 0), (stdout, exit.ExitCode));
        }

        RemoveGroup(id);
    }

    [Fact]
    public async Task Execs_run_with_the_containers_confinement_and_their_own_streams()
    {
        (string id, string bundle) = Bundle("exec sleep 1000");
        await using (ShimProcess shim = await ShimProcess.StartAsync())
        {
            await shim.Create(id, bundle);
            await shim.Ask(new ShimRequest { Start = new StartRequest() });
            using (ShimConnection exec = await shim.Exec("e1", "echo out; echo err >&2; grep -E 'Seccomp:|NoNewPrivs|SigIgn|SigBlk' /proc/self/status; exit 3"))
            {
                (string stdout, string stderr, ExitRecord exit) = await ShimProcess.ReadToExit(exec);
                Assert.Contains("NoNewPrivs:\t1", stdout, StringComparison.Ordinal);
                Assert.Contains("Seccomp:\t2", stdout, StringComparison.Ordinal);
                Assert.Contains("SigBlk:\t0000000000000000", stdout, StringComparison.Ordinal);
                Assert.Contains("SigIgn:\t0000000000000000", stdout, StringComparison.Ordinal);
                Assert.Equal(("err\n", 3), (stderr, exit.ExitCode));
            }

            using (ShimConnection exec = await shim.Exec("e2", "cat | wc -c", stdin: true))
            {
                byte[] block = new byte[256 << 10];
                for (int i = 0; i < 16; i++)
                {
                    await exec.SendAsync(FrameKind.Stdin, block, Cancellation);
                }

                await exec.SendAsync(FrameKind.Stdin, default, Cancellation);
                Assert.Equal("4194304\n", (await ShimProcess.ReadToExit(exec)).Stdout);
            }

            using (ShimConnection exec = await shim.Exec("e3", "tty; stty size", terminal: true, stdin: true))
            {
                Assert.Equal("/dev/pts/0\r\n30 100\r\n", (await ShimProcess.ReadToExit(exec)).Stdout);
            }

            using (ShimConnection exec = await shim.Exec("e4", "head -c 20000000 /dev/zero"))
            {
                Assert.Equal(20000000, (await ShimProcess.ReadToExit(exec)).Stdout.Length);
            }
        }

        RemoveGroup(id);
    }

    [Fact]
    public async Task An_exec_that_is_only_waited_for_leaves_its_connection_to_the_next()
    {
        (string id, string bundle) = Bundle("exec sleep 1000");
        await using (ShimProcess shim = await ShimProcess.StartAsync())
        {
            await shim.Create(id, bundle, start: true);
            using (ShimConnection connection = ShimConnection.Connect(shim.Socket))
            {
                for (int round = 0; round < 5; round++)
                {
                    await connection.AskAsync(ShimProcess.ExecRequest($"e{round}", $"echo {round}; exit {round}", unhurried: true), Cancellation);
                    (string stdout, _, ExitRecord exit) = await ShimProcess.ReadToExit(connection);
                    Assert.Equal(($"{round}\n", round), (stdout, exit.ExitCode));
                }

                // Closed now, it ends the exec that is under way and none of those before.
                await connection.AskAsync(ShimProcess.ExecRequest("last", "echo begun; sleep 1000", unhurried: true), Cancellation);
                Assert.Equal(FrameKind.Stdout, (await connection.ReadAsync(Cancellation))!.Value.Kind);
            }

            await Deadline.Until(() => shim.Ask(new ShimRequest { State = new StateRequest() }).Result.State!.Execs.All(e => e.Exit is not null));
            Assert.Equal("running", (await shim.Ask(new ShimRequest { State = new StateRequest() })).State!.Status);
        }

        RemoveGroup(id);
    }

    [Fact]
    public async Task What_is_asked_of_a_container_never_reaches_the_next_one_of_its_shim()
    {
        (string id, string bundle) = Bundle("exec sleep 1000");
        await using (ShimProcess shim = await ShimProcess.StartAsync())
        {
            await shim.Create(id, bundle, start: true);
            foreach (ShimRequest request in (ShimRequest[])
                [
                    ShimProcess.ExecRequest("e1", "true"), new() { Attach = new AttachRequest() }, new() { Signal = new SignalRequest(Signals.Kill, null, false) },
                ])
            {
                ShimException refused = await Assert.ThrowsAsync<ShimException>(() => shim.Ask(request with { ContainerId = "the-one-before" }));
                Assert.Equal("failed_precondition", refused.Error.Code);
            }

            Assert.Equal("running", (await shim.Ask(new ShimRequest { ContainerId = id, State = new StateRequest() })).State!.Status);
        }

        RemoveGroup(id);
    }

    [Fact]
    public async Task An_exec_beyond_its_time_is_killed_with_what_it_started()
    {
        (string id, string bundle) = Bundle("exec sleep 1000");
        await using (ShimProcess shim = await ShimProcess.StartAsync())
        {
            await shim.Create(id, bundle);
            await shim.Ask(new ShimRequest { Start = new StartRequest() });
            using ShimConnection exec = await shim.Exec("e", "sleep 1000 & sleep 1000", timeoutMillis: 50);
            (_, _, ExitRecord exit) = await ShimProcess.ReadToExit(exec);
            Assert.Equal((137, true), (exit.ExitCode, exit.TimedOut));
            ICgroup group = CgroupHost.OfThisMachine().Open($"{OciRuntimeFixture.Group}/{id}");
            await Deadline.Until(() => group.Processes().Count == 1);
        }

        RemoveGroup(id);
    }

    /// <summary>As each job of an interactive shell has.</summary>
    [Fact]
    public async Task An_exec_that_is_killed_takes_what_it_put_into_process_groups_of_their_own_with_it()
    {
        (string id, string bundle) = Bundle("exec sleep 1000");
        await using (ShimProcess shim = await ShimProcess.StartAsync())
        {
            await shim.Create(id, bundle, start: true);
            using ShimConnection exec = await shim.Exec("e", "trap '' HUP; set -m; sleep 1000 & sleep 1000", terminal: true);
            ICgroup group = CgroupHost.OfThisMachine().Open($"{OciRuntimeFixture.Group}/{id}");
            await Deadline.Until(() => group.Processes().Count(p => File.ReadAllText($"/proc/{p}/cmdline").StartsWith("sleep", StringComparison.Ordinal)) == 3);
            await shim.Ask(new ShimRequest { Signal = new SignalRequest(Signals.Kill, "e", false) });
            Assert.Equal(137, (await ShimProcess.ReadToExit(exec)).Exit.ExitCode);
            await Deadline.Until(() => group.Processes().Count == 1);
        }

        RemoveGroup(id);
    }

    /// <summary>It would be taken for the exit of a run that nobody saw.</summary>
    [Fact]
    public async Task A_container_that_never_executed_its_command_leaves_no_exit_on_the_disk()
    {
        (string id, string bundle) = Bundle("exec sleep 1000");
        await using (ShimProcess shim = await ShimProcess.StartAsync())
        {
            await shim.Create(id, bundle);
            await shim.Ask(new ShimRequest { Signal = new SignalRequest(Signals.Kill, null, false) });
            Assert.Equal(137, (await shim.NextEvent()).Exit.ExitCode);
            Assert.False(File.Exists(new BundleLayout(bundle).Exit));
        }

        RemoveGroup(id);
    }

    [Fact]
    public async Task A_client_that_goes_takes_its_exec_with_it_and_a_background_exec_stays()
    {
        (string id, string bundle) = Bundle("exec sleep 1000");
        await using (ShimProcess shim = await ShimProcess.StartAsync())
        {
            await shim.Create(id, bundle);
            await shim.Ask(new ShimRequest { Start = new StartRequest() });
            ICgroup group = CgroupHost.OfThisMachine().Open($"{OciRuntimeFixture.Group}/{id}");
            (await shim.Exec("e1", "exec sleep 1000")).Dispose();
            await Deadline.Until(() => group.Processes().Count == 1);

            (await shim.Exec("e2", "echo begun; cat; exit 5", background: true, stdin: true)).Dispose();
            await shim.Ask(new ShimRequest { ExecInput = new ExecInputRequest("e2", "more\n"u8.ToArray(), true, null) });
            ShimEvent ended = await shim.NextEvent();
            Assert.Equal(("e2", 5), (ended.ExecId, ended.Exit.ExitCode));
            using LogReader log = new(new BundleLayout(bundle).Exec("e2"));
            Assert.Equal(["begun\n", "more\n"], log.Read().Select(e => Encoding.UTF8.GetString(e.Data.Span)));
        }

        RemoveGroup(id);
    }

    [Fact]
    public async Task The_container_dies_with_its_shim()
    {
        (string id, string bundle) = Bundle("exec sleep 1000");
        await using (ShimProcess shim = await ShimProcess.StartAsync())
        {
            await shim.Create(id, bundle);
            ProcessRecord process = (await shim.Ask(new ShimRequest { Start = new StartRequest() })).Process!;
            Sys.Kill(shim.Pid, Signals.Kill);
            await Deadline.Until(() => !ProcessStat.IsAlive(process.Pid, process.StartTime));
        }

        RemoveGroup(id);
    }

    [Fact]
    public async Task A_shim_without_a_container_goes_with_its_client_and_one_with_a_container_stays()
    {
        (string id, string bundle) = Bundle("exec sleep 1000");
        await using (ShimProcess idle = await ShimProcess.StartAsync())
        {
            Assert.True(idle.IsAlive);
        }

        await using (ShimProcess shim = await ShimProcess.StartAsync())
        {
            await shim.Create(id, bundle);
            await shim.Ask(new ShimRequest { Start = new StartRequest() });
            shim.CloseWatch();
            ShimState state = (await shim.Ask(new ShimRequest { State = new StateRequest() })).State!;
            Assert.Equal("running", state.Status);
        }

        RemoveGroup(id);
    }

    [Fact]
    public async Task A_missing_command_is_told_with_stage_code_and_remedy_and_the_shim_can_be_used_again()
    {
        (string id, string bundle) = Runtime.Bundle(["no-such-command"]);
        (string good, string goodBundle) = Bundle("true");
        await using (ShimProcess shim = await ShimProcess.StartAsync())
        {
            ShimException failure = await Assert.ThrowsAsync<ShimException>(() => shim.Create(id, bundle));
            Assert.Equal(("command_not_found", "exec", 2), (failure.Error.Code, failure.Error.Stage, failure.Error.Errno));
            Assert.NotNull(failure.Error.Remedy);
            await shim.Create(good, goodBundle);
            await shim.Ask(new ShimRequest { Start = new StartRequest() });
            Assert.Equal(0, (await shim.NextEvent()).Exit.ExitCode);
        }

        RemoveGroup(good);
    }

    [Fact]
    public async Task A_follower_is_woken_for_each_line_and_told_the_end()
    {
        (string id, string bundle) = Bundle("for i in 1 2 3; do read x; echo line $i; done");
        await using (ShimProcess shim = await ShimProcess.StartAsync())
        {
            await shim.Create(id, bundle, stdinOpen: true);
            using ShimConnection follow = await shim.Client.OpenAsync(new ShimRequest { FollowLog = new FollowLogRequest(null) }, Cancellation);
            using ShimConnection attach = await shim.Client.OpenAsync(new ShimRequest { Attach = new AttachRequest() }, Cancellation);
            await shim.Ask(new ShimRequest { Start = new StartRequest() });
            using LogReader log = new(new BundleLayout(bundle).Logs);
            List<string> lines = [];
            while (await follow.ReadAsync(Cancellation) is { } frame)
            {
                List<string> more = [.. log.Read().Select(e => Encoding.UTF8.GetString(e.Data.Span))];
                lines.AddRange(more);
                if (frame.Kind == FrameKind.Exit)
                {
                    break;
                }

                await attach.SendAsync(FrameKind.Stdin, "\n"u8.ToArray(), Cancellation);
            }

            Assert.Equal(["line 1\n", "line 2\n", "line 3\n"], lines);
        }

        RemoveGroup(id);
    }

    [Fact]
    public async Task Out_of_memory_is_told_as_such()
    {
        (string id, string bundle) = Bundle("exec tail /dev/zero");
        await using (ShimProcess shim = await ShimProcess.StartAsync())
        {
            await shim.Create(id, bundle);
            await shim.Ask(new ShimRequest { Start = new StartRequest() });
            ShimEvent ended = await shim.NextEvent();
            Assert.Equal((137, true), (ended.Exit.ExitCode, ended.Exit.OomKilled));
        }

        RemoveGroup(id);
    }
}
