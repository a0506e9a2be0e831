using System.Formats.Tar;
using System.Net.Sockets;
using Quilt.Core;
using static Quilt.Client.Tests.Api;

namespace Quilt.Client.Tests;

public sealed class VolumeTests(ClientFixture fixture)
{
    private readonly QuiltClient _client = fixture.Client;

    [Fact]
    public async Task A_volume_is_made_attached_listed_detached_saved_loaded_and_removed()
    {
        VolumeInfo made = await _client.CreateVolumeAsync("client-data", new VolumeOptions { SizeBytes = 32 << 20, Labels = new Dictionary<string, string> { ["stage"] = "test" } }, Cancellation);
        Assert.Equal(("client-data", 32L << 20, false), (made.Name, made.SizeBytes, made.InMemory));
        await using QuiltContainer container = await _client.Idle();
        Assert.Equal("/data", await container.AttachVolumeAsync("client-data", "/data", cancellationToken: Cancellation));
        await container.ExecAsync(["sh", "-c", "echo kept > /data/file"], cancellationToken: Cancellation);
        QuiltException taken = await Assert.ThrowsAsync<QuiltException>(() => container.AttachVolumeAsync("client-data", "/data", cancellationToken: Cancellation));
        Assert.Equal(ErrorCode.AlreadyExists, taken.Code);
        Assert.Equal("/data", Assert.Single(Assert.Single(await _client.ListVolumesAsync(Cancellation), v => v.Id == made.Id).Users).Path);
        VolumeInfo looked = await _client.GetVolumeAsync(made.Id, Cancellation);
        Assert.True(looked.UsedBytes > 0);
        Assert.Equal("test", looked.Labels["stage"]);
        Assert.Equal(ErrorCode.FailedPrecondition, (await Assert.ThrowsAsync<QuiltException>(() => _client.RemoveVolumeAsync("client-data", Cancellation))).Code);
        await container.DetachVolumeAsync("client-data", cancellationToken: Cancellation);

        using MemoryStream archive = new();
        Assert.Empty(await _client.SaveVolumeAsync("client-data", archive, Cancellation));
        archive.Position = 0;
        LoadedVolume loaded = await _client.LoadVolumeAsync("client-again", archive, new VolumeOptions { InMemory = true }, Cancellation);
        Assert.True(loaded.Volume.InMemory);
        Assert.Empty(loaded.LeftOut);
        await container.AttachVolumeAsync("client-again", "/again", readOnly: true, Cancellation);
        Assert.Equal("kept\n", (await container.ExecAsync(["cat", "/again/file"], cancellationToken: Cancellation)).Stdout);
        await container.DetachVolumeAsync("client-again", "/again", force: true, Cancellation);
        await _client.RemoveVolumeAsync("client-again", Cancellation);
        await _client.RemoveVolumeAsync(made.Id, Cancellation);
        Assert.Equal(ErrorCode.NotFound, (await Assert.ThrowsAsync<QuiltException>(() => _client.GetVolumeAsync(made.Id, Cancellation))).Code);
    }

    [Fact]
    public async Task What_cannot_be_in_a_volume_or_an_archive_is_told()
    {
        using MemoryStream archive = new();
        await using (TarWriter tar = new(archive, leaveOpen: true))
        {
            await tar.WriteEntryAsync(new PaxTarEntry(TarEntryType.CharacterDevice, "device"), Cancellation);
        }

        archive.Position = 0;
        LoadedVolume loaded = await _client.LoadVolumeAsync("client-device", archive, cancellationToken: Cancellation);
        Assert.Contains("device", Assert.Single(loaded.LeftOut), StringComparison.Ordinal);
        using Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(Path.Combine(fixture.StateDir, "volumes", loaded.Volume.Id, "data", "server.sock")));
        Assert.Contains("server.sock", Assert.Single(await _client.SaveVolumeAsync("client-device", Stream.Null, Cancellation)), StringComparison.Ordinal);
        await _client.RemoveVolumeAsync("client-device", Cancellation);
    }

    [Fact]
    public async Task Limits_are_changed_while_it_runs_and_refused_whole()
    {
        await using QuiltContainer container = await _client.RunContainerAsync(new ContainerOptions { MemoryBytes = 256 << 20 }, Cancellation);
        LimitChange change = await container.SetLimitsAsync(new LimitOptions { MemoryBytes = 128 << 20, Pids = 50, Cpus = 0.5, OpenFiles = 256 }, Cancellation);
        Assert.Equal((256L << 20, 128L << 20, 50L, 0.5, 256L, true), (change.Before.MemoryBytes, change.After.MemoryBytes, change.After.Pids, change.After.Cpus, change.After.OpenFiles, change.InForce));
        QuiltException refused = await Assert.ThrowsAsync<QuiltException>(() => container.SetLimitsAsync(new LimitOptions { MemoryBytes = 64 << 20, Cpuset = "4000" }, Cancellation));
        Assert.Equal("cpuset", refused.Field);
        Assert.Equal(128UL << 20, (await container.GetStatsAsync(Cancellation)).MemoryLimitBytes);
        Assert.Equal(ErrorCode.FailedPrecondition, (await Assert.ThrowsAsync<QuiltException>(() => container.GrowDiskAsync(64 << 20, Cancellation))).Code);
    }
}
