using System.Text.Json;
using Grpc.Core;
using Quilt.Api.V1;
using Quilt.Testing;
using Xunit;
using static Quilt.Daemon.Tests.TestContainers;

namespace Quilt.Daemon.Tests;

/// <summary>A limit of disk holds, harms nobody else, and leaves nothing.</summary>
public sealed class DiskLimitTests(DaemonFixture fixture)
{
    private const long Limit = 32 << 20;
    private readonly QuiltService.QuiltServiceClient _client = fixture.Client;

    private static readonly bool MayGrow =
        (Convert.ToUInt64(File.ReadLines("/proc/self/status").Single(l => l.StartsWith("CapEff:", StringComparison.Ordinal)).Split('\t')[1], 16) & (1UL << 24)) != 0;

    [Fact]
    public async Task Who_fills_its_disk_is_told_that_it_is_full_and_all_others_are_well()
    {
        Container filler = await _client.Run(Limited()), neighbour = await _client.Run(Limited()), free = await _client.Run();
        (int code, string output, string error) = await _client.Exec(filler.Id, "dd if=/dev/zero of=/fill bs=1M count=100; wc -c < /fill");
        Assert.Contains("No space left on device", error, StringComparison.Ordinal);
        Assert.InRange(long.Parse(output.Trim()), Limit / 2, Limit);
        Assert.Equal(0, code);
        Assert.Equal((0, "10000000\n", ""), await _client.Exec(neighbour.Id, "head -c 10000000 /dev/zero > /own; wc -c < /own"));
        Assert.Equal((0, "50000000\n", ""), await _client.Exec(free.Id, "head -c 50000000 /dev/zero > /own; wc -c < /own"));
        Container another = await _client.Run(Limited());

        // What it deletes it has again.
        Assert.Equal((0, "1000000\n", ""), await _client.Exec(filler.Id, "rm /fill; head -c 1000000 /dev/zero > /fill; wc -c < /fill"));
        Assert.Equal(Limit, (await _client.Get(filler.Id)).Resources.DiskBytes);
        Assert.Equal(Limit, (await _client.Tool("getContainerStatus", new { container = filler.Id })).GetProperty("diskLimit").GetInt64());
        await Remove(filler, neighbour, free, another);
    }

    [Fact]
    public async Task A_disk_grows_by_itself_and_within_the_grant_or_stays_as_it_is()
    {
        string token = await _client.Agent("""{"limits":{"disk":"64MiB"}}""");
        string limited = (await _client.Tool("createContainer", new { disk = Limit, autoStart = true }, token)).Id(), free = (await _client.Run()).Id;
        await Refused("invalid_argument", new { container = limited, disk = Limit - (1 << 20) });
        await Refused("invalid_argument", new { container = limited, disk = Limit + (1 << 20), memory = "64MiB" });
        await Refused("resource_exhausted", new { container = limited, disk = "65MiB" });
        Assert.Equal(("failed_precondition", "disk"), Of(await _client.ToolRefused("setResourceLimits", new { container = free, disk = Limit })));

        // The kernel lets who has CAP_SYS_RESOURCE alone make a file system larger.
        if (MayGrow)
        {
            await _client.Tool("setResourceLimits", new { container = limited, disk = "64MiB" }, token);
            Assert.Equal((0, "48000000\n", ""), await _client.Exec(limited, "head -c 48000000 /dev/zero > /own; wc -c < /own"));
        }
        else
        {
            await Refused("failed_precondition", new { container = limited, disk = "64MiB" });
            Assert.Equal(Limit, (await _client.Get(limited)).Resources.DiskBytes);
        }

        await _client.Remove(limited);
        await _client.Remove(free);

        async Task Refused(string code, object arguments) => Assert.Equal((code, code == "resource_exhausted" ? "limits.disk" : "disk"), Of(await _client.ToolRefused("setResourceLimits", arguments, token)));

        static (string, string) Of(ErrorDetail detail) => (detail.Code, detail.Field);
    }

    [Fact]
    public async Task Killed_at_any_moment_of_a_growth_a_disk_is_what_the_next_daemon_says()
    {
        await using DaemonProcess daemon = await DaemonProcess.StartAsync();
        Container container = await daemon.Client.Run(Limited());
        Random random = new(11);
        long asked = Limit;
        for (int round = 0; round < 4; round++)
        {
            QuiltService.QuiltServiceClient client = daemon.Client;
            Task growing = Task.Run(async () =>
            {
                for (; ; asked += 1 << 20)
                {
                    try
                    {
                        await client.Tool("setResourceLimits", new { container = container.Id, disk = asked });
                    }
                    catch (RpcException e) when (!MayGrow && e.StatusCode == StatusCode.FailedPrecondition)
                    {
                    }
                }
            });
            await Task.WhenAny(growing, Task.Delay(random.Next(20, 150), Cancellation));
            await daemon.KillAsync();
            await Assert.ThrowsAnyAsync<Exception>(() => growing);
            await daemon.RunAsync();
            long said = (await daemon.Client.Get(container.Id)).Resources.DiskBytes;
            Assert.InRange(said, Limit, MayGrow ? asked : Limit);
            Assert.InRange(Kilobytes(await daemon.Client.Exec(container.Id, "df -k / | tail -n 1")), said / 1024 * 8 / 10, said / 1024);
        }

        await daemon.Client.Remove(container.Id);

        // The second column; what the file system needs for itself is not in it.
        static long Kilobytes((int, string Output, string) df) => long.Parse(df.Output.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], System.Globalization.CultureInfo.InvariantCulture);
    }

    [Fact]
    public async Task What_snapshots_keep_counts_for_an_agents_disk_also_where_forks_stand_on_it()
    {
        string token = await _client.Agent("""{"limits":{"disk":"200MiB"}}""");
        string container = (await _client.Tool("createContainer", new { disk = Limit, autoStart = true }, token)).Id();
        const string write = "head -c 20971520 /dev/urandom > /file";
        int taken = 0;
        ErrorDetail? refused = null;
        while (refused is null)
        {
            Assert.Equal(0, (await _client.Exec(container, write)).ExitCode);
            try
            {
                await _client.Tool("snapshotContainer", new { container, name = $"kept-{taken}" }, token);
                Assert.InRange(++taken, 1, 10);
            }
            catch (RpcException e)
            {
                refused = e.GetRpcStatus()?.GetDetail<ErrorDetail>();
            }
        }

        Assert.Equal(("resource_exhausted", "limits.disk"), (refused.Code, refused.Field));
        Assert.InRange(taken, 7, 8); // 200 MiB without the container's own 32 hold eight of twenty
        Assert.Equal(taken, (await _client.Tool("listSnapshots", null, token)).GetProperty("snapshots").GetArrayLength());
        Assert.Equal("limits.disk", (await _client.ToolRefused("forkContainer", new { container }, token)).Field);
        for (int i = 0; i < 4; i++)
        {
            await _client.Tool("removeSnapshot", new { snapshot = $"kept-{taken - 1 - i}" }, token);
        }

        await _client.Remove(container);
        foreach (JsonElement left in (await _client.Tool("listSnapshots", null, token)).GetProperty("snapshots").EnumerateArray())
        {
            await _client.Tool("removeSnapshot", new { snapshot = left.Text("name") }, token);
        }
    }

    [Fact]
    public async Task Files_and_links_without_number_end_at_the_limit_too()
    {
        Container container = await _client.Run(Limited());
        (_, string output, _) = await _client.Exec(container.Id, "mkdir /many; i=0; while mkdir /many/$i 2>/dev/null; do i=$((i+1)); done; echo $i; mkdir /many/more");
        Assert.InRange(int.Parse(output.Trim()), 1000, 9000);
        await Remove(container);
    }

    [Fact]
    public async Task What_it_wrote_is_there_after_a_restart_and_commits_and_names_of_users_work()
    {
        Container container = await _client.Run(Limited());
        Assert.Equal(0, (await _client.Exec(container.Id, "echo kept > /kept; echo tester:x:1000:1000::/:/bin/sh >> /etc/passwd; rm /etc/hostname; mkdir /w")).ExitCode);
        ExecResult named = (await _client.ExecAsync(new ExecRequest { Container = container.Id, User = "tester", Command = { "id", "-u" } }, cancellationToken: Cancellation)).Result;
        Assert.Equal("1000\n", named.Stdout.ToStringUtf8());
        await _client.RestartContainerAsync(new RestartContainerRequest { Container = container.Id, Timeout = new() }, cancellationToken: Cancellation);
        Assert.Equal((0, "kept\n", ""), await _client.Exec(container.Id, "cat /kept"));
        await _client.Tool("commitContainer", new { container = container.Id, reference = "test/limited:1" });
        Container copy = await _client.Run(new ContainerSpec { Image = "test/limited:1" });
        Assert.Equal((0, "kept\n", ""), await _client.Exec(copy.Id, "cat /kept; test ! -e /etc/hostname"));
        await Remove(container, copy);
        await _client.Tool("removeImage", new { image = "test/limited:1" });
    }

    [Fact]
    public async Task A_volume_of_its_image_and_a_missing_working_folder_are_within_the_limit()
    {
        await _client.Tool("buildImage", new { tags = new[] { "test/with-volume:1" }, dockerfileText = "FROM quilt/busybox\nRUN mkdir /data && echo begun > /data/file\nVOLUME /data\nWORKDIR /new/place\n" });
        Container container = await _client.Run(Limited(new ContainerSpec { Image = "test/with-volume:1" }));
        Assert.Equal((0, "begun\n/new/place\n", ""), await _client.Exec(container.Id, "cat /data/file; pwd"));
        Assert.NotEqual(0, (await _client.Exec(container.Id, "head -c 100000000 /dev/zero > /data/fill")).ExitCode);
        Assert.NotEqual(0, (await _client.Exec(container.Id, "head -c 10000000 /dev/zero > /fill")).ExitCode);
        await Remove(container);
        await _client.Tool("removeImage", new { image = "test/with-volume:1" });
    }

    [Theory]
    [InlineData(1 << 20, "below the minimum")]
    [InlineData(-1, "below the minimum")]
    [InlineData(1L << 50, "more than a file system can be")]
    public async Task What_is_no_limit_of_disk_is_refused_and_nothing_is_left(long bytes, string words)
    {
        string name = $"d-{Guid.NewGuid():N}";
        ErrorDetail error = await Fails(() => _client.Create(new ContainerSpec { Name = name, Resources = new Resources { DiskBytes = bytes } }));
        Assert.Equal(("invalid_argument", "disk"), (error.Code, error.Field));
        Assert.Contains(words, error.Message, StringComparison.Ordinal);
        await Remove(await _client.Create(new ContainerSpec { Name = name }));
    }

    [Fact]
    public async Task After_a_crash_of_the_daemon_it_runs_on_within_its_limit_and_no_device_is_left_in_the_end()
    {
        await using DaemonProcess daemon = await DaemonProcess.StartAsync();
        Container container = await daemon.Client.Run(Limited()), ended = await daemon.Client.Create(Limited());
        await daemon.Client.Exec(container.Id, "echo kept > /kept");
        await daemon.KillAsync();
        await daemon.RunAsync();
        Assert.Equal((0, "kept\n", ""), await daemon.Client.Exec(container.Id, "cat /kept"));
        Assert.NotEqual(0, (await daemon.Client.Exec(container.Id, "head -c 100000000 /dev/zero > /fill")).ExitCode);
        await daemon.Client.RestartContainerAsync(new RestartContainerRequest { Container = container.Id, Timeout = new() }, cancellationToken: Cancellation);
        Assert.Equal((0, "kept\n", ""), await daemon.Client.Exec(container.Id, "cat /kept"));
        Assert.NotEmpty(LoopDevices.Of(daemon));
        await daemon.Client.Remove(container.Id);
        await daemon.Client.Remove(ended.Id);
        await Deadline.Until(() => LoopDevices.Of(daemon).Length == 0);
        Assert.Empty(Directory.EnumerateFileSystemEntries(Path.Combine(daemon.StateDir, "containers")));
    }

    [Fact]
    public async Task An_agents_limit_counts_containers_and_volumes_together_and_gives_each_container_one()
    {
        string token = await _client.Agent("""{"limits":{"disk":"100MiB"}}""");
        System.Text.Json.JsonElement container = await _client.Tool("createContainer", new { disk = "40MiB" }, token);
        await _client.Tool("createVolume", new { name = "data", size = "40MiB" }, token);
        ErrorDetail error = await _client.ToolRefused("createContainer", new { disk = "40MiB" }, token);
        Assert.Equal(("resource_exhausted", "limits.disk"), (error.Code, error.Field));
        Assert.Contains($"{20 << 20} left", error.Message, StringComparison.Ordinal);
        Assert.Equal("limits.disk", (await _client.ToolRefused("createVolume", new { name = "more", size = "40MiB" }, token)).Field);
        Assert.Equal("size", (await _client.ToolRefused("createVolume", new { name = "more" }, token)).Field);
        Assert.Equal("limits.disk", (await _client.ToolRefused("createContainer", null, token)).Field); // it would have 100 MiB
        await _client.Tool("removeVolume", new { volume = "data" }, token);
        await _client.Tool("removeContainer", new { container = container.Id() }, token);
        System.Text.Json.JsonElement given = await _client.Tool("createContainer", null, token);
        Assert.Contains("100 MiB", given.GetProperty("warnings")[0].GetString()!.Replace("100MiB", "100 MiB", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.Equal(100 << 20, (await _client.Tool("getAgent", null, token)).GetProperty("agent").GetProperty("usage").GetProperty("disk").GetInt64());
        await _client.Tool("removeContainer", new { container = given.Id() }, token);
    }

    private static ContainerSpec Limited(ContainerSpec? spec = null)
    {
        spec ??= new ContainerSpec();
        spec.Resources = new Resources { DiskBytes = Limit };
        return spec;
    }

    private async Task Remove(params Container[] containers)
    {
        foreach (Container container in containers)
        {
            await _client.Remove(container.Id);
        }
    }
}
