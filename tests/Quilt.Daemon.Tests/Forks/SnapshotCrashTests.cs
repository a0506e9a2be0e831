using System.Text.Json;
using Google.Rpc;
using Quilt.Api.V1;
using Quilt.Testing;
using Xunit;
using static Quilt.Daemon.Tests.TestContainers;

namespace Quilt.Daemon.Tests;

/// <summary>What is left of snapshots and forks where the daemon dies, or the disk is full, in their midst: all of one, or nothing.</summary>
public sealed class SnapshotCrashTests
{
    private const int Copies = 3;

    [Fact]
    public async Task Killed_at_any_moment_the_daemon_leaves_no_half_snapshot_no_half_fork_and_nothing_frozen()
    {
        Random random = new(20261126);
        await using DaemonProcess daemon = await DaemonProcess.StartAsync();
        await daemon.Client.Tool("buildImage", new { tags = new[] { "with-volume:1" }, dockerfileText = "FROM quilt/busybox\nVOLUME /data\n" });
        Container dev = await daemon.Client.Run(new ContainerSpec { Name = "dev", Image = "with-volume:1" });
        Assert.Equal(0, (await daemon.Client.Exec(dev.Id, "for i in $(seq 300); do echo $i > /f$i; echo $i > /data/d$i; done; head -c 4000000 /dev/zero > /large")).ExitCode);
        for (int round = 0; round < 8; round++)
        {
            int done = 0;
            Task load = Task.Run(() => Load(daemon, round, () => Interlocked.Increment(ref done)), Cancellation);
            int seen = random.Next(0, 6);
            await Deadline.Until(() => Volatile.Read(ref done) >= seen, TimeSpan.FromSeconds(60));
            await daemon.KillAsync();
            await load;
            await daemon.RunAsync();
            Assert.Equal((0, "300\n", ""), await daemon.Client.Exec(dev.Id, "ls /f* | wc -l"));
            await CheckAsync(daemon);
        }
    }

    [Fact]
    public async Task Where_the_disk_is_full_nothing_is_left_and_the_container_runs_on()
    {
        using SmallDisk disk = new();
        await using DaemonProcess daemon = await DaemonProcess.StartAsync(disk.Path);
        Container dev = await daemon.Client.Run(new ContainerSpec { Name = "dev" });
        Assert.Equal(0, (await daemon.Client.Exec(dev.Id, "head -c 8000000 /dev/urandom > /large")).ExitCode);
        disk.Fill();
        foreach ((string tool, object arguments) in ((string, object)[])[("snapshotContainer", new { container = "dev", name = "s" }), ("forkContainer", new { container = "dev", count = 2 })])
        {
            ErrorDetail refused = await daemon.Client.ToolRefused(tool, arguments);
            Assert.Equal("resource_exhausted", refused.Code);
            Assert.Empty(Directory.GetDirectories(Path.Combine(daemon.StateDir, "snapshots")));
        }

        Assert.Equal((0, "8000000\n", ""), await daemon.Client.Exec(dev.Id, "stat -c %s /large"));
        disk.Free();
        Assert.Single((await daemon.Client.ListContainersAsync(new ListContainersRequest { All = true }, cancellationToken: Cancellation)).Containers);
        string fork = (await daemon.Client.Tool("forkContainer", new { container = "dev" })).GetProperty("containers")[0].Id();
        Assert.Equal((0, "8000000\n", ""), await daemon.Client.Exec(fork, "stat -c %s /large"));
    }

    /// <summary>Forks and restores until the daemon has died.</summary>
    private static async Task Load(DaemonProcess daemon, int round, Action told)
    {
        QuiltService.QuiltServiceClient client = daemon.Client;
        for (int n = 0; ; n++)
        {
            try
            {
                string name = $"r{round}n{n}";
                await client.Tool("snapshotContainer", new { container = "dev", name }, cancellation: CancellationToken.None);
                told();
                JsonElement forks = (await client.Tool("forkContainer", new { container = "dev", name = $"f{name}", count = Copies }, cancellation: CancellationToken.None)).GetProperty("containers");
                told();
                await client.Tool("restoreContainer", new { container = forks[0].Id(), snapshot = name, force = true }, cancellation: CancellationToken.None);
                told();
            }
            catch (Exception e) when (e is Grpc.Core.RpcException or ObjectDisposedException or InvalidOperationException)
            {
                return; // it has died
            }
        }
    }

    private static async Task CheckAsync(DaemonProcess daemon)
    {
        ListContainersResponse all = await daemon.Client.ListContainersAsync(new ListContainersRequest { All = true }, cancellationToken: Cancellation);
        Container[] forks = [.. all.Containers.Where(c => c.Name != "dev")];
        Assert.All(forks.GroupBy(c => c.Name[..c.Name.LastIndexOf('-')]), g => Assert.Equal(Copies, g.Count()));
        foreach (Container fork in forks)
        {
            if (fork.State == ContainerState.Exited)
            {
                await daemon.Client.Start(fork.Id); // it died between the stop and the start of a restore
            }

            Assert.Equal((0, "300\n300\n", ""), await daemon.Client.Exec(fork.Id, "ls /f* | wc -l; ls /data | wc -l"));
        }

        JsonElement[] snapshots = [.. (await daemon.Client.Tool("listSnapshots", new { all = true })).GetProperty("snapshots").EnumerateArray()];
        string[] folders = [.. Directory.GetDirectories(Path.Combine(daemon.StateDir, "snapshots")).Select(f => Path.GetFileName(f))];
        IEnumerable<string> layers = snapshots.Where(s => s.GetProperty("size").GetInt64() > 0).Select(s => s.Id());
        IEnumerable<string> volumes = snapshots.Where(s => s.TryGetProperty("name", out _)).Select(s => s.Id() + ".volumes");
        Assert.Equal(layers.Concat(volumes).Order(StringComparer.Ordinal), folders.Order(StringComparer.Ordinal));
        foreach (Container fork in forks)
        {
            await daemon.Client.Remove(fork.Id);
        }

        foreach (JsonElement snapshot in snapshots.Where(s => s.TryGetProperty("name", out _)))
        {
            await daemon.Client.Tool("removeSnapshot", new { snapshot = snapshot.Id() });
        }

        Assert.Empty(Directory.GetDirectories(Path.Combine(daemon.StateDir, "snapshots")));
    }
}
