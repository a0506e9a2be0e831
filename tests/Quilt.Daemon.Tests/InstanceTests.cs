using System.Diagnostics;
using Quilt.Api.V1;
using Quilt.Linux;
using Quilt.Testing;
using Xunit;
using static Quilt.Daemon.Tests.TestContainers;

namespace Quilt.Daemon.Tests;

public sealed class InstanceTests
{
    [Fact]
    public async Task Daemons_run_side_by_side_without_meeting()
    {
        await using DaemonProcess one = await DaemonProcess.StartAsync(), other = await DaemonProcess.StartAsync();
        Container first = await one.Client.Run(new ContainerSpec { Name = "same" }), second = await other.Client.Run(new ContainerSpec { Name = "same" });
        Container third = await one.Client.Run();
        uint[] bases = [first.HostIdBase, second.HostIdBase, third.HostIdBase];
        Array.Sort(bases);
        Assert.True(bases[1] - bases[0] >= 65536 && bases[2] - bases[1] >= 65536, string.Join(' ', bases));
        Assert.Single((await other.Client.ListContainersAsync(new ListContainersRequest { All = true }, cancellationToken: Cancellation)).Containers);
        await one.Client.Remove(first.Id);
        Assert.Equal((0, "here\n", ""), await other.Client.Exec("same", "echo here"));
    }

    [Fact]
    public async Task What_a_daemon_makes_for_containers_does_not_depend_on_its_own_umask()
    {
        await using DaemonProcess daemon = await DaemonProcess.StartByAsync(start =>
        {
            string program = start.FileName;
            start.FileName = "/bin/sh";
            string[] before = ["-c", "umask 0077; exec \"$@\"", "sh", program];
            for (int place = 0; place < before.Length; place++)
            {
                start.ArgumentList.Insert(place, before[place]);
            }

            return Process.Start(start)!;
        });
        Container container = await daemon.Client.Run(new ContainerSpec { User = "1000" });
        Assert.Equal((0, "drwxr-xr-x\n", ""), await daemon.Client.Exec(container.Id, "ls -ld / | cut -d' ' -f1"));
        await daemon.Client.Remove(container.Id);
    }

    /// <summary>They divide the host's user ids: one looks at who has which while another gives its own back.</summary>
    [Fact]
    public async Task Daemons_begin_and_end_at_once() =>
        await Task.WhenAll(Enumerable.Range(0, 6).Select(async _ =>
        {
            for (int round = 0; round < 3; round++)
            {
                await using DaemonProcess daemon = await DaemonProcess.StartAsync();
                await daemon.Client.Run();
            }
        }));

    [Fact]
    public async Task A_state_folder_and_a_socket_have_one_daemon()
    {
        await using DaemonProcess daemon = await DaemonProcess.StartAsync();
        (int code, string error) = await Run("--state-dir", daemon.StateDir, "--run-dir", daemon.RunDir);
        Assert.Equal(1, code);
        Assert.Contains("another quiltd", error, StringComparison.Ordinal);
        Assert.Contains("remedy:", error, StringComparison.Ordinal);

        using TemporaryFolder folder = new();
        (code, error) = await Run("--state-dir", folder["state"], "--run-dir", folder["run"], "--socket", daemon.Socket, "--host-id-claims", folder["ids"]);
        Assert.Equal(1, code);
        Assert.Contains("another quiltd listens", error, StringComparison.Ordinal);
        await daemon.Client.GetVersionAsync(new GetVersionRequest(), cancellationToken: Cancellation);
    }

    [Fact]
    public async Task Without_its_shim_it_does_not_start()
    {
        using TemporaryFolder folder = new();
        (int code, string error) = await Run("--state-dir", folder["state"], "--run-dir", folder["run"], "--host-id-claims", folder["ids"], "--shim", "/no/such");
        Assert.Equal(1, code);
        Assert.Contains("no program /no/such", error, StringComparison.Ordinal);
        Assert.Contains("--shim", error, StringComparison.Ordinal);
    }

    /// <summary>It would take the containers there for what an earlier one has left.</summary>
    [Fact]
    public async Task One_that_is_given_the_sockets_of_another_leaves_its_containers_alone()
    {
        await using DaemonProcess daemon = await DaemonProcess.StartAsync();
        Container container = await daemon.Client.Run();
        using TemporaryFolder folder = new();
        (int code, string error) = await Run("--state-dir", folder["state"], "--run-dir", daemon.RunDir, "--host-id-claims", folder["ids"]);
        Assert.Equal(1, code);
        Assert.Contains($"another quiltd has the folder of sockets {daemon.RunDir}", error, StringComparison.Ordinal);
        Assert.Contains("--run-dir", error, StringComparison.Ordinal);
        Assert.Equal(0, (await daemon.Client.Exec(container.Id, "true")).Item1);
        await daemon.Client.Remove(container.Id);
    }

    /// <summary>They would have no shim there that its state folder knows, and be ended as nobody's.</summary>
    [Fact]
    public async Task Nor_does_one_with_the_sockets_of_a_daemon_that_has_stopped()
    {
        await using DaemonProcess daemon = await DaemonProcess.StartAsync();
        Container container = await daemon.Client.Run();
        await daemon.StopAsync();
        using TemporaryFolder folder = new();
        (int code, string error) = await Run("--state-dir", folder["state"], "--run-dir", daemon.RunDir, "--host-id-claims", folder["ids"]);
        Assert.Equal(1, code);
        Assert.Contains($"whose state folder is {daemon.StateDir}, such as {container.Id}", error, StringComparison.Ordinal);
        Assert.Contains("--run-dir", error, StringComparison.Ordinal);
        await daemon.RunAsync();
        Assert.Equal(0, (await daemon.Client.Exec(container.Id, "true")).Item1);
        await daemon.Client.Remove(container.Id);
    }

    [Theory]
    [InlineData("--warm-shims", "-1")]
    [InlineData("--warm-shims", "many")]
    [InlineData("--audit-kept", "0")]
    [InlineData("--log-level", "loud")]
    [InlineData("--no-such", "1")]
    public async Task An_option_that_cannot_be_is_named_in_a_line_and_its_remedy_in_another(string option, string value)
    {
        (int code, string error) = await Run(option, value);
        string[] lines = error.TrimEnd().Split('\n');
        Assert.Equal((2, 2), (code, lines.Length));
        Assert.StartsWith("quiltd: ", lines[0], StringComparison.Ordinal);
        Assert.Contains(value == "loud" || value == "many" ? value : option, lines[0], StringComparison.Ordinal);
        Assert.StartsWith("  remedy: ", lines[1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_range_for_networks_that_has_no_free_subnet_is_refused()
    {
        using TemporaryFolder folder = new();
        (int code, string error) = await Run("--state-dir", folder["state"], "--run-dir", folder["run"], "--host-id-claims", folder["ids"], "--network-subnets", "10.201.0.0/16");
        Assert.Equal(1, code);
        Assert.Contains("10.201.0.0/16, the containers' own addresses (--network-pool)", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_socket_is_for_root_and_the_group_alone_and_the_state_for_root()
    {
        await using DaemonProcess daemon = await DaemonProcess.StartAsync();
        string group = (await ProgramRun.OfAsync("getent", "group", "quilt")).ExitCode == 0 ? "quilt" : "root", http = Path.Combine(daemon.RunDir, "http.sock");
        Assert.Equal($"660 root {group}\n660 root {group}\n", (await ProgramRun.OfAsync("stat", "-c", "%a %U %G", daemon.Socket, http)).Said);
        Assert.Equal("0700", Mode(daemon.StateDir));
        Assert.Equal("0700", Mode(Path.Combine(daemon.RunDir, "shims")));

        // Neither is reached by whoever comes as far as the folder.
        Assert.Equal((0, ""), await ReachedAsync(http));
        File.SetUnixFileMode(Path.GetDirectoryName(daemon.RunDir)!, (UnixFileMode)0x1ED);
        foreach (string socket in (string[])[http, daemon.Socket])
        {
            (int code, string told) = await ReachedAsync(socket, "setpriv", "--reuid=65534", "--regid=65534", "--clear-groups");
            Assert.Equal(7, code); // curl: it could not connect
            Assert.Contains("Permission denied", told, StringComparison.Ordinal);
        }

        static async Task<(int Code, string Told)> ReachedAsync(string socket, params string[] by)
        {
            string[] command = [.. by, "curl", "--silent", "--verbose", "--output", "/dev/null", "--unix-socket", socket, "http://localhost/openapi.json"];
            ProgramRun run = await ProgramRun.OfAsync(command[0], command[1..]);
            return (run.ExitCode, run.ExitCode == 0 ? "" : run.Errors);
        }
    }

    [Fact]
    public async Task It_listens_where_its_options_say_alone_and_leaves_no_debuggers_door_open()
    {
        using TemporaryFolder folder = new();
        await File.WriteAllTextAsync(folder["appsettings.json"], """{ "Kestrel": { "Endpoints": { "File": { "Url": "http://127.0.0.1:0" } } }, "urls": "http://127.0.0.1:0" }""", Cancellation);
        await using DaemonProcess daemon = await DaemonProcess.StartInAsync(
            folder.Path, ("ASPNETCORE_URLS", "http://127.0.0.1:0"), ("ASPNETCORE_PREFERHOSTINGURLS", "true"), ("Kestrel__Endpoints__Environment__Url", "http://127.0.0.1:0"));
        string[] open = [.. new DirectoryInfo($"/proc/{daemon.Pid}/fd").EnumerateFiles().Select(f => f.LinkTarget ?? "")];
        string[] listening = [.. File.ReadLines("/proc/net/tcp").Concat(File.ReadLines("/proc/net/tcp6"))
            .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)).Where(row => row[3] == "0A").Select(row => $"socket:[{row[9]}]")];
        Assert.Contains(open, o => o.StartsWith("socket:", StringComparison.Ordinal));
        Assert.Empty(open.Intersect(listening));
        Assert.DoesNotContain("anon_inode:inotify", open);
        Assert.Empty(Directory.GetFiles(Path.GetTempPath(), $"dotnet-diagnostic-{daemon.Pid}-*"));
        Assert.Empty(Directory.GetFiles(Path.GetTempPath(), $"clr-debug-pipe-{daemon.Pid}-*"));
    }

    [Fact]
    public async Task What_a_container_wrote_goes_with_it_whatever_its_permissions()
    {
        await using DaemonProcess daemon = await DaemonProcess.StartAsync();
        Container container = await daemon.Client.Run();
        Assert.Equal(0, (await daemon.Client.Exec(container.Id, "mkdir -p /a/b/c; ln -s /etc /a/link; mkfifo /a/fifo; chmod 0 /a")).ExitCode);
        await daemon.Client.Remove(container.Id);
    } // the daemon's disposal looks for what is left

    [Fact]
    public async Task A_daemon_ends_in_order_though_somebody_still_follows_it()
    {
        await using DaemonProcess daemon = await DaemonProcess.StartAsync();
        using Grpc.Core.AsyncServerStreamingCall<Event> events = daemon.Client.GetEvents(new GetEventsRequest { Follow = true }, cancellationToken: Cancellation);
        Assert.True(await events.ResponseStream.MoveNext(Cancellation));
    } // the daemon's disposal stops it, and looks for what is left

    [Fact]
    public async Task A_group_that_was_handed_over_stays_when_the_daemon_has_ended()
    {
        Assert.SkipUnless(DelegatedGroup.IsPossible, DelegatedGroup.WhyNot);
        using DelegatedGroup group = new();
        await using (DaemonProcess daemon = await DaemonProcess.StartInGroupAsync(group.Path))
        {
            await daemon.Client.Run();
            string instance = await File.ReadAllTextAsync(Path.Combine(daemon.StateDir, "instance"), Cancellation);
            Assert.True(Directory.Exists($"{group.MountPoint}/{group.Path}/{instance}"));
        }

        Assert.True(Directory.Exists($"{group.MountPoint}/{group.Path}"));
    }

    [Fact]
    public async Task A_daemon_finds_the_group_of_a_container_that_was_started_below_another()
    {
        await using DaemonProcess daemon = await DaemonProcess.StartInGroupAsync("quilt-daemon-tests/before");
        Container container = await daemon.Client.Run(new ContainerSpec { Resources = new Resources { MemoryBytes = 64 << 20 } });
        await daemon.KillAsync();
        daemon.CgroupParent = "quilt-daemon-tests/after";
        await daemon.RunAsync();
        using Grpc.Core.AsyncServerStreamingCall<GetStatsResponse> stats = daemon.Client.GetStats(new GetStatsRequest { Containers = { container.Id } }, cancellationToken: Cancellation);
        Assert.True(await stats.ResponseStream.MoveNext(Cancellation));
        Assert.Equal(64UL << 20, Assert.Single(stats.ResponseStream.Current.Stats).MemoryLimitBytes);
        await daemon.Client.Remove(container.Id);
        CgroupHost.OfThisMachine().Open("quilt-daemon-tests/before").Remove();
    }

    /// <summary>A group holds processes or hands controllers on, not both; and systemd tells all in its unit's groups to end (SIGTERM).</summary>
    [Fact]
    public async Task In_a_group_that_was_handed_over_those_who_supervise_are_beside_the_containers_and_outlast_them()
    {
        Assert.SkipUnless(CgroupHost.OfThisMachine().Mode == CgroupMode.V2, "processes get in the controllers' way on cgroup v2 alone");
        using DelegatedGroup group = new();
        using Process keeper = Process.Start("sleep", "1000");
        try
        {
            CgroupHost.OfThisMachine().Open(group.Path).AddProcess(keeper.Id);
            await using DaemonProcess daemon = await DaemonProcess.StartInGroupAsync(group.Path);
            Container container = await daemon.Client.Run(new ContainerSpec { Resources = new Resources { MemoryBytes = 64 << 20 } });
            int shim = ShimOf(container);
            foreach (int supervisor in (int[])[shim, keeper.Id])
            {
                Assert.Equal($"0::/{group.Path}/supervisor", (await File.ReadAllTextAsync($"/proc/{supervisor}/cgroup", Cancellation)).Trim());
            }

            Sys.Kill(shim, Signals.Terminate);
            Assert.Equal((0, "67108864\n", ""), await daemon.Client.Exec(container.Id, "cat /sys/fs/cgroup/memory.max"));
        }
        finally
        {
            keeper.Kill();
            await keeper.WaitForExitAsync(Cancellation);
        }
    }

    private static string Mode(string path) => "0" + Convert.ToString((int)File.GetUnixFileMode(path), 8);

    private static async Task<(int Code, string Error)> Run(params string[] options)
    {
        using Process process = Process.Start(new ProcessStartInfo(Path.Combine(Programs.Folder, "quiltd"), options) { RedirectStandardError = true })!;
        string error = await process.StandardError.ReadToEndAsync(Cancellation);
        await process.WaitForExitAsync(Cancellation);
        return (process.ExitCode, error);
    }
}
