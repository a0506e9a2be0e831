using System.Text.Json;
using Quilt.Api.V1;
using Quilt.Testing;
using Xunit;
using static Quilt.Daemon.Tests.TestContainers;

namespace Quilt.Daemon.Tests;

/// <summary>A state folder on a file system whose files can share blocks.</summary>
public sealed class SharedBlocksTests
{
    private const int Megabyte = 1 << 20;

    [Theory]
    [InlineData("xfs")]
    [InlineData("btrfs")]
    public async Task Forks_snapshots_and_an_image_s_volumes_take_no_space_for_what_they_have_in_common(string kind)
    {
        using LoopDisk disk = await LoopDisk.MakeAsync(kind);
        await using DaemonProcess daemon = await DaemonProcess.StartAsync(disk.Path);
        await daemon.Client.Tool("buildImage", new { tags = new[] { "test/shared:1" }, dockerfileText = "FROM quilt/busybox\nRUN mkdir /data && head -c 25165824 /dev/urandom > /data/file\nVOLUME /data\n" });
        Container source = await daemon.Client.Run(new ContainerSpec { Image = "test/shared:1" });
        Assert.True(await FileExtents.AreSharedAsync(VolumeFile(source.Id)), "the volume, with the image's layer");
        Assert.Equal(0, (await daemon.Client.Exec(source.Id, "head -c 25165824 /dev/urandom > /own")).ExitCode);
        const string look = "cat /own /data/file | md5sum";
        string seen = (await daemon.Client.Exec(source.Id, look)).Stdout;

        long before = disk.UsedBytes();
        JsonElement forked = await daemon.Client.Tool("forkContainer", new { container = source.Id, count = 3 });
        string kept = (await daemon.Client.Tool("snapshotContainer", new { container = source.Id, name = "kept" })).GetProperty("snapshot").Id();
        long more = disk.UsedBytes() - before;
        Assert.True(more < 12 * Megabyte, $"four copies of 48 MiB took {more >> 20}, of which rows, logs and folders are some");
        string[] forks = [.. forked.GetProperty("containers").EnumerateArray().Select(f => f.Id())];
        foreach (string file in (string[])[.. forks.Select(VolumeFile), Path.Combine(SnapshotFolder(forked.GetProperty("snapshot").Id()), "own"), Path.Combine(SnapshotFolder(kept), "own")])
        {
            Assert.True(await FileExtents.AreSharedAsync(file), file);
        }

        // What one writes is its own.
        Assert.Equal(0, (await daemon.Client.Exec(forks[0], "echo 0 > /own; echo 0 > /data/file")).ExitCode);
        await daemon.Client.Exec(source.Id, "rm /own; echo x >> /data/file");
        Assert.All(await Task.WhenAll(forks[1..].Select(f => daemon.Client.Exec(f, look))), r => Assert.Equal(seen, r.Stdout));
        await daemon.Client.Tool("restoreContainer", new { container = source.Id, snapshot = "kept", force = true });
        Assert.Equal(seen, (await daemon.Client.Exec(source.Id, look)).Stdout);
        foreach (string id in (string[])[source.Id, .. forks])
        {
            await daemon.Client.Remove(id);
        }

        string VolumeFile(string container) => Path.Combine(daemon.StateDir, "containers", container, "volumes", "0", "file");

        string SnapshotFolder(string snapshot) => Path.Combine(daemon.StateDir, "snapshots", snapshot);
    }

    [Theory]
    [InlineData("xfs")]
    [InlineData("btrfs")]
    public async Task Limits_of_disk_hold_there_as_elsewhere(string kind)
    {
        using LoopDisk disk = await LoopDisk.MakeAsync(kind);
        await using DaemonProcess daemon = await DaemonProcess.StartAsync(disk.Path);
        await daemon.Client.Tool("createVolume", new { name = "small", size = "16MiB" });
        Container limited = await daemon.Client.Run(new ContainerSpec
        {
            Resources = new Resources { DiskBytes = 32 * Megabyte },
            Mounts = { new Mount { Type = "volume", Volume = "small", Path = "/small" } },
        });
        (_, string output, string error) = await daemon.Client.Exec(limited.Id, "for at in / /small; do dd if=/dev/zero of=$at/fill bs=1M count=100; wc -c < $at/fill; rm $at/fill; done");
        long[] filled = [.. output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(long.Parse)];
        Assert.InRange(filled[0], 16 * Megabyte, 32 * Megabyte);
        Assert.InRange(filled[1], 8 * Megabyte, 16 * Megabyte);
        Assert.Equal(2, error.Split("No space left on device").Length - 1);

        // From a file system of its own into the state folder's nothing can be shared: it is copied.
        Assert.Equal(0, (await daemon.Client.Exec(limited.Id, "head -c 8000000 /dev/urandom > /own")).ExitCode);
        string seen = (await daemon.Client.Exec(limited.Id, "md5sum /own")).Stdout;
        string fork = (await daemon.Client.Tool("forkContainer", new { container = limited.Id })).GetProperty("containers")[0].Id();
        Assert.Equal(seen, (await daemon.Client.Exec(fork, "md5sum /own")).Stdout);
        await daemon.Client.Remove(limited.Id);
        await daemon.Client.Remove(fork);
    }
}
