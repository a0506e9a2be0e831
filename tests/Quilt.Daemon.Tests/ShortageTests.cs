using System.Text.Json;
using Quilt.Api.V1;
using Quilt.Linux;
using Quilt.Testing;
using Xunit;
using static Quilt.Daemon.Tests.TestContainers;

namespace Quilt.Daemon.Tests;

/// <summary>What cannot be done for a while is done later.</summary>
public sealed class ShortageTests
{
    [Fact]
    public async Task Files_of_a_removed_container_that_cannot_be_deleted_at_once_are_deleted_later()
    {
        await using DaemonProcess daemon = await DaemonProcess.StartAsync();
        Container container = await daemon.Client.Run();
        await daemon.Client.Exec(container.Id, "mkdir /busy");
        string trash = Path.Combine(daemon.StateDir, "trash"), busy = Path.Combine("upper", "busy");
        Sys.Mount("tmpfs", Path.Combine(daemon.StateDir, "containers", container.Id, busy), "tmpfs", 0, "size=4k");
        try
        {
            await daemon.Client.Remove(container.Id);
            await Deadline.Until(() => !Directory.Exists(Path.Combine(Directory.GetDirectories(trash).Single(), "work")));
        }
        finally
        {
            Sys.Unmount(Path.Combine(Directory.GetDirectories(trash).Single(), busy), lazily: true);
        }

        await Deadline.Until(() => Directory.GetDirectories(trash).Length == 0, TimeSpan.FromSeconds(60));
    }

    /// <summary>It is not in the way of what else is to be deleted either, nor of the daemon's end.</summary>
    [Fact]
    public async Task Files_go_however_deep_a_container_puts_them_and_whatever_bytes_it_names_them_by()
    {
        await using DaemonProcess daemon = await DaemonProcess.StartAsync();
        Container container = await daemon.Client.Run(), other = await daemon.Client.Run();
        await daemon.Client.Exec(container.Id, """mkdir /odd; : >/odd/"$(printf 'a\377')"; n=$(printf "a%.0s" $(seq 250)); cd /odd; i=0; while [ $i -lt 60 ]; do mkdir $n; cd -P $n; i=$((i+1)); done""");
        await daemon.Client.Remove(container.Id);
        await daemon.Client.Remove(other.Id);
        await Deadline.Until(() => Directory.GetDirectories(Path.Combine(daemon.StateDir, "trash")).Length == 0, TimeSpan.FromSeconds(60));
    }

    [Fact]
    public async Task A_database_that_another_program_holds_ends_no_daemon_and_what_expires_meanwhile_goes()
    {
        const long writersLock = 120; // WAL_WRITE_LOCK, in SQLite's index of its log
        await using DaemonProcess daemon = await DaemonProcess.StartAsync();
        string id = (await daemon.Client.Tool("createContainer", new { ttl = "3s", autoStart = true })).Id();
        using (FileStream index = new(Directory.GetFiles(daemon.StateDir, "*-shm").Single(), FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite))
        {
            index.Lock(writersLock, 1);
            Assert.Equal("unavailable", (await daemon.Client.ToolRefused("createNetwork", new { name = "held" })).Code);
            await Deadline.Until(() => daemon.HasEnded || daemon.Client.GetContainer(new ContainerRequest { Container = id }, cancellationToken: Cancellation).State == ContainerState.Removing, TimeSpan.FromSeconds(60));
        }

        await Eventually(async () => (await daemon.Client.ListContainersAsync(new ListContainersRequest { All = true }, cancellationToken: Cancellation)).Containers.Count == 0);
    }

    [Fact]
    public async Task Without_descriptors_calls_are_refused_as_that_nothing_that_runs_is_told_as_ended_and_afterwards_all_is_well()
    {
        int resource = ResourceLimits.NumberOf("RLIMIT_NOFILE");
        await using DaemonProcess daemon = await DaemonProcess.StartAsync();
        Container running = await daemon.Client.Run(Shell("while [ ! -e /end ]; do sleep 0.02; done; exit 5")), removed = await daemon.Client.Run(), paused = await daemon.Client.Run();
        await daemon.Client.Tool("pauseContainer", new { container = paused.Id });
        await daemon.Client.Exec(removed.Id, "mkdir -p /a/b/c; touch /a/b/c/d");
        (ulong soft, ulong hard) = Sys.GetResourceLimit(resource, daemon.Pid);
        Sys.SetResourceLimit(resource: resource, pid: daemon.Pid, soft: 3, hard: hard); // as good as none, whatever is closed meanwhile
        try
        {
            foreach (Func<Task> call in (Func<Task>[])
            [
                () => daemon.Client.Exec(running.Id, "true"),
                () => daemon.Client.Run(),
                () => daemon.Client.Tool("copyToContainer", new { container = running.Id, path = "/file", content = "x" }),
                () => daemon.Client.Tool("snapshotContainer", new { container = running.Id, name = "short" }),
                () => daemon.Client.Tool("pauseContainer", new { container = running.Id }),
                () => daemon.Client.Remove(paused.Id),
                () => daemon.Client.Tool("createVolume", new { name = "short" }),
                () => daemon.Client.Tool("buildImage", new { tags = new[] { "short:1" }, dockerfileText = "FROM quilt/busybox\nCOPY file /file\n", context = new { files = new { file = "x" } } }),
                () => daemon.Client.Logs(running.Id),
            ])
            {
                ErrorDetail refused = await Fails(call);
                Assert.True(refused.Code == "resource_exhausted", refused.ToString());
            }

            // Whether it runs may not be known now; that it has ended is not so.
            try
            {
                Assert.Equal(ContainerState.Running, (await daemon.Client.Get(running.Id)).State);
            }
            catch (Grpc.Core.RpcException e)
            {
                Assert.Equal(Grpc.Core.StatusCode.ResourceExhausted, e.StatusCode);
            }
        }
        finally
        {
            Sys.SetResourceLimit(daemon.Pid, resource, soft, hard);
        }

        await daemon.Client.Remove(paused.Id);
        Assert.Equal((0, "well\n", ""), await daemon.Client.Exec(running.Id, "echo well"));
        await daemon.Client.Remove(removed.Id);
        await daemon.Client.Exec(running.Id, "touch /end");
        Container ended = await daemon.Client.WaitExited(running.Id);
        Assert.Equal((5, ""), (ended.ExitCode, ended.ExitReason));
        Assert.Empty((await daemon.Client.Tool("listVolumes")).GetProperty("volumes").EnumerateArray());
        Assert.Empty((await daemon.Client.Tool("listSnapshots")).GetProperty("snapshots").EnumerateArray());
        foreach (string folder in (string[])["trash", "volumes", "builds", "build/work"])
        {
            await Deadline.Until(() => Directory.GetDirectories(Path.Combine(daemon.StateDir, folder)).Length == 0, TimeSpan.FromSeconds(60), folder);
        }
    }

    [Fact]
    public async Task An_agent_whose_removal_was_begun_goes_to_its_end_when_there_is_enough_again()
    {
        int resource = ResourceLimits.NumberOf("RLIMIT_NOFILE");
        await using DaemonProcess daemon = await DaemonProcess.StartAsync();
        string token = await daemon.Client.Agent("""{"limits":{"pids":4000}}""", name: "going");
        await daemon.Client.Tool("createContainer", new { name = "its", autoStart = true, stopTimeout = 0 }, token);
        (ulong soft, ulong hard) = Sys.GetResourceLimit(resource, daemon.Pid);
        Sys.SetResourceLimit(daemon.Pid, resource, 3, hard);
        Task<JsonElement> removing = daemon.Client.Tool("removeAgent", new { agent = "going", force = true });
        try
        {
            // Nobody's any more, it is tried to take away; or nothing was begun.
            await Eventually(async () => removing.IsCompleted || await IsGone("going"));
        }
        finally
        {
            Sys.SetResourceLimit(daemon.Pid, resource, soft, hard);
        }

        try
        {
            await removing;
        }
        catch (Grpc.Core.RpcException e) when (e.StatusCode == Grpc.Core.StatusCode.ResourceExhausted)
        {
            await daemon.Client.Tool("removeAgent", new { agent = "going", force = true });
        }

        Assert.Empty((await daemon.Client.Tool("listAgents")).GetProperty("agents").EnumerateArray());
        Assert.Empty((await daemon.Client.ListContainersAsync(new ListContainersRequest { All = true }, cancellationToken: Cancellation)).Containers);

        async Task<bool> IsGone(string agent)
        {
            try
            {
                await daemon.Client.Tool("getAgent", new { agent });
                return false;
            }
            catch (Grpc.Core.RpcException e)
            {
                return e.StatusCode == Grpc.Core.StatusCode.NotFound;
            }
        }
    }
}
