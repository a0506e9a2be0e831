using System.Globalization;
using System.Text.Json;
using Quilt.Api.V1;
using Quilt.Linux;
using Quilt.Testing;
using Xunit;
using static Quilt.Daemon.Tests.TestContainers;

namespace Quilt.Daemon.Tests;

/// <summary>Limits that change while a container runs: what the tool says, against what the kernel has.</summary>
public sealed class LiveLimitTests(DaemonFixture fixture)
{
    /// <summary>Decimal places to which the kernel's whole microseconds give a share of the processors.</summary>
    private const int CpuPlaces = 3;
    private const string Filled = "head -c 41943040 /dev/zero > /dev/shm/filled";
    private readonly QuiltService.QuiltServiceClient _client = fixture.Client;

    [Fact]
    public async Task Limits_hold_at_once_for_the_next_run_and_for_the_next_daemon()
    {
        await using DaemonProcess daemon = await DaemonProcess.StartAsync();
        Container container = await daemon.Client.Run(new ContainerSpec { Resources = new Resources { MemoryBytes = 64 << 20 } });
        JsonElement answer = await daemon.Client.Tool("setResourceLimits", new { container = container.Id, memory = "128MiB", pids = 50, cpus = 0.5, cpuset = "0", cpuWeight = 50, files = 100 });
        Assert.True(answer.GetProperty("inForce").GetBoolean());
        Assert.Equal(64 << 20, answer.GetProperty("before").GetProperty("memory").GetInt64());
        Assert.Equal(128 << 20, answer.GetProperty("after").GetProperty("memory").GetInt64());
        await Holds(container);

        Container again = (await daemon.Client.RestartContainerAsync(new RestartContainerRequest { Container = container.Id, Timeout = new() }, cancellationToken: Cancellation)).Container;
        await Holds(again);
        await daemon.KillAsync();
        await daemon.RunAsync();
        await Holds(again);
        JsonElement limits = (await daemon.Client.Tool("getContainerStatus", new { container = container.Id })).GetProperty("limits");
        Assert.Equal((128 << 20, 50L, 0.5, "0", 50, 100L), (
            limits.GetProperty("memory").GetInt64(), limits.GetProperty("pids").GetInt64(), limits.GetProperty("cpus").GetDouble(), limits.Text("cpuset"),
            limits.GetProperty("cpuWeight").GetInt32(), limits.GetProperty("files").GetInt64()));
        Assert.Contains(
            (await daemon.Client.Tool("getEvents", new { container = container.Id, types = new[] { "container.limits_changed" } })).GetProperty("events").EnumerateArray(),
            e => e.GetProperty("attributes").Text("memory") == $"{128 << 20}");

        // What is given back is as it was.
        await daemon.Client.Tool("setResourceLimits", new { container = container.Id, cpus = 0, cpuset = "", cpuWeight = 0, pids = -1 });
        Assert.Equal("-1", Kernel(again, "cpu", "cpu.cfs_quota_us", "cpu.max").Replace("max 100000", "-1", StringComparison.Ordinal));
        Assert.Equal(CpuList.OfMachine(), (await daemon.Client.Exec(container.Id, "sed -n 's/^Cpus_allowed_list:.//p' /proc/self/status")).Stdout.Trim());
        Assert.Equal("max", Kernel(again, "pids", "pids.max", "pids.max"));
        if (MayGiveMoreFiles)
        {
            await daemon.Client.Tool("setResourceLimits", new { container = container.Id, files = 1000 });
            Assert.Equal("1000\n", (await daemon.Client.Exec(container.Id, "ulimit -n")).Stdout);
        }
        else
        {
            ErrorDetail error = await daemon.Client.ToolRefused("setResourceLimits", new { container = container.Id, pids = 77, files = 1000 });
            Assert.Equal("files", error.Field);
            Assert.Contains("CAP_SYS_RESOURCE", error.Remedy, StringComparison.Ordinal);
            Assert.Equal("max", Kernel(again, "pids", "pids.max", "pids.max"));
        }

        await daemon.Client.Remove(container.Id);

        async Task Holds(Container of)
        {
            Assert.Equal($"{128 << 20}", Kernel(of, "memory", "memory.limit_in_bytes", "memory.max"));
            Assert.Equal("50", Kernel(of, "pids", "pids.max", "pids.max"));
            Assert.Equal("2500", Kernel(of, "cpu", "cpu.cfs_quota_us", "cpu.max").Split(' ')[0]);
            Assert.Equal(Unified ? "50" : "512", Kernel(of, "cpu", "cpu.shares", "cpu.weight"));
            Assert.Equal((0, "100\n0\n", ""), await daemon.Client.Exec(of.Id, "ulimit -n; sed -n 's/^Cpus_allowed_list:.//p' /proc/self/status"));
            Assert.Contains("100                  100", File.ReadLines($"/proc/{of.Pid}/limits").Single(l => l.StartsWith("Max open files", StringComparison.Ordinal)), StringComparison.Ordinal);
        }
    }

    /// <summary>Short, so that those who use theirs up are in nobody's way for long; as long as it takes for the least that the kernel gives.</summary>
    [Theory]
    [InlineData(0.01, "1000", "100000")]
    [InlineData(0.15, "1000", "6667")]
    [InlineData(0.25, "1250", "5000")]
    [InlineData(1.5, "7500", "5000")]
    public async Task Time_of_processors_is_given_for_a_short_period(double cpus, string quota, string period)
    {
        Container container = await _client.Run();
        await _client.Tool("setResourceLimits", new { container = container.Id, cpus });
        Assert.Equal((quota, period), Quota(container));
    }

    [Fact]
    public async Task Where_one_of_several_is_refused_none_has_changed()
    {
        Container container = await _client.Run(new ContainerSpec { Resources = new Resources { MemoryBytes = 64 << 20 } });

        // The last to be put in force, by the kernel's own word: all others were by then.
        ErrorDetail error = await _client.ToolRefused("setResourceLimits", new { container = container.Id, memory = "128MiB", pids = 50, cpus = 0.5, files = 1L << 40 });
        Assert.Equal(("invalid_argument", "files"), (error.Code, error.Field));
        Assert.Equal($"{64 << 20}", Kernel(container, "memory", "memory.limit_in_bytes", "memory.max"));
        Assert.Equal("1024", Kernel(container, "pids", "pids.max", "pids.max"));
        Assert.Equal(0, Cpus(container));
        Assert.Equal(64 << 20, (await Limits(container)).GetProperty("memory").GetInt64());
        Assert.DoesNotContain((await _client.Tool("getEvents", new { container = container.Id })).GetProperty("events").EnumerateArray(), e => e.Text("type") == "container.limits_changed");
        await _client.Remove(container.Id);
    }

    [Fact]
    public async Task Below_what_is_in_use_is_refused_with_the_figure()
    {
        Container container = await _client.Run(Shell($"{Filled}; sleep 1000 & sleep 1000 & sleep 1000 & exec 5<>/tmp/a 6<>/tmp/b; echo ready; wait"));
        await _client.WaitContainerAsync(new WaitContainerRequest { Container = container.Id, Until = "log", Pattern = "ready" }, cancellationToken: Cancellation);
        ErrorDetail memory = await _client.ToolRefused("setResourceLimits", new { container = container.Id, memory = "20MiB" });
        Assert.Equal(("failed_precondition", "memory"), (memory.Code, memory.Field));
        Assert.Matches(@"memory 20MiB is below what the container uses now: 4\d(\.\d+)?MiB", memory.Message);
        ErrorDetail pids = await _client.ToolRefused("setResourceLimits", new { container = container.Id, memory = "100MiB", pids = 2 });
        Assert.Equal(("failed_precondition", "pids"), (pids.Code, pids.Field));
        Assert.Contains("5 processes", pids.Message, StringComparison.Ordinal);
        ErrorDetail files = await _client.ToolRefused("setResourceLimits", new { container = container.Id, files = 3 });
        Assert.Equal(("failed_precondition", "files"), (files.Code, files.Field));
        Assert.Equal($"{1 << 30}", Kernel(container, "memory", "memory.limit_in_bytes", "memory.max"));

        // What the kernel takes back by itself is not in use: files that were read do not count.
        Assert.Equal(0, (await _client.Exec(container.Id, "rm /dev/shm/filled; head -c 41943040 /dev/zero > /tmp/file; sync; cat /tmp/file > /dev/null")).ExitCode);
        await _client.Tool("setResourceLimits", new { container = container.Id, memory = "20MiB" });
        await _client.Remove(container.Id);
    }

    public static TheoryData<string, string, string> Refused => new()
    {
        { """{"memory":"1MiB"}""", "invalid_argument", "memory" },
        { """{"cpuset":"0,8000"}""", "invalid_argument", "cpuset" },
        { """{"cpuset":"first"}""", "invalid_argument", "cpuset" },
        { """{"cpus":100000}""", "invalid_argument", "cpus" },
        { """{"pids":-7}""", "invalid_argument", "pids" },
        { """{"files":-1}""", "invalid_argument", "files" },
        { """{"swap":-1}""", "invalid_argument", "swap" },
        { """{"memory":"64MiB","memoryHigh":"128MiB"}""", "invalid_argument", "memoryHigh" },
        { """{"io":[{"device":"nosuchdisk","readBps":"1MiB"}]}""", "invalid_argument", "io.device" },
        { """{"io":[{"device":"../../etc","readBps":"1MiB"}]}""", "invalid_argument", "io.device" },
        { """{"io":[{"readIops":-5}]}""", "invalid_argument", "io.readIops" },
        { """{"io":[{"readIops":5},{"writeIops":5}]}""", "invalid_argument", "io" },
        { """{"hugepages":[{"size":"3MiB","limit":"64MiB"}]}""", "invalid_argument", "hugepages.size" },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public async Task A_limit_that_cannot_be_is_refused_at_creation_and_later_and_leaves_no_trace(string limits, string code, string field)
    {
        string name = $"bad-{Guid.NewGuid():N}";
        ErrorDetail created = await _client.ToolRefused("createContainer", With(limits, "name", name));
        Assert.Equal((code, field), (created.Code, created.Field));
        Assert.DoesNotContain((await _client.ListContainersAsync(new ListContainersRequest { All = true }, cancellationToken: Cancellation)).Containers, c => c.Name == name);
        Container container = await _client.Run();
        string before = (await Limits(container)).GetRawText();
        ErrorDetail changed = await _client.ToolRefused("setResourceLimits", With(limits, "container", container.Id));
        Assert.Equal((code, field), (changed.Code, changed.Field));
        Assert.Equal(before, (await Limits(container)).GetRawText());
        await _client.Remove(container.Id);
    }

    [Fact]
    public async Task What_these_control_groups_do_not_know_is_refused_by_name()
    {
        Assert.SkipWhen(Unified, "this host's control groups know it");
        ErrorDetail error = await _client.ToolRefused("createContainer", new { memory = "64MiB", memoryHigh = "32MiB" });
        Assert.Equal(("unimplemented", "memoryHigh"), (error.Code, error.Field));
    }

    [Fact]
    public async Task A_disk_is_limited_at_the_speed_that_was_asked_for()
    {
        (long major, long minor) = BlockDevices.TryFindOf(Path.GetTempPath()) ?? Skip("the temporary folder is on no disk");
        Container container = await _client.Run();
        await _client.Tool("setResourceLimits", new { container = container.Id, ioWeight = 200, io = new[] { new { readBps = "1MiB", writeIops = 100 } } });
        Assert.Equal($"{major}:{minor} {1 << 20}", Kernel(container, "blkio", "blkio.throttle.read_bps_device", "io.max").Split(" wbps")[0].Replace("rbps=", "", StringComparison.Ordinal));
        await _client.Tool("setResourceLimits", new { container = container.Id, ioWeight = 0, io = Array.Empty<object>() });
        Assert.Equal("", Kernel(container, "blkio", "blkio.throttle.read_bps_device", "io.max"));
        await _client.Remove(container.Id);

        static (long, long) Skip(string why)
        {
            Assert.Skip(why);
            return default;
        }
    }

    [Fact]
    public async Task A_container_that_does_not_run_takes_limits_for_its_next_start()
    {
        Container container = await _client.Create(new ContainerSpec { Command = { "true" } });
        await _client.Tool("setResourceLimits", new { container = container.Id, memory = "32MiB" });
        Container run = await _client.Start(container.Id);
        await _client.WaitExited(run.Id);
        JsonElement answer = await _client.Tool("setResourceLimits", new { container = container.Id, memory = "48MiB" });
        Assert.False(answer.GetProperty("inForce").GetBoolean());
        Assert.Equal(32 << 20, answer.GetProperty("before").GetProperty("memory").GetInt64());
        await _client.Remove(container.Id);
    }

    [Fact]
    public async Task A_grant_bounds_live_limits_as_it_does_at_creation_and_a_shared_container_is_not_changed()
    {
        string token = await _client.Agent("""{"limits":{"memory":"200MiB","cpus":1}}"""), other = await _client.Agent(name: "limits-other");
        string id = (await _client.Tool("createContainer", new { memory = "100MiB", autoStart = true }, token)).Id();
        await _client.Tool("setResourceLimits", new { container = id, memory = "200MiB" }, token);
        foreach (string? by in (string?[])[token, null])
        {
            ErrorDetail error = await _client.ToolRefused("setResourceLimits", new { container = id, memory = "201MiB" }, by);
            Assert.Equal(("resource_exhausted", "limits.memory"), (error.Code, error.Field));
        }

        Assert.Equal("not_found", (await _client.ToolRefused("setResourceLimits", new { container = id, memory = "50MiB" }, other)).Code);
        string agent = (await _client.Tool("getAgent", new { agent = "limits-other" })).GetProperty("agent").Id();
        await _client.Tool("shareContainer", new { container = id, agent }, token);
        Assert.Equal("permission_denied", (await _client.ToolRefused("setResourceLimits", new { container = id, memory = "50MiB" }, other)).Code);
        Assert.True((await _client.Tool("getResourceUsage", new { container = id }, other)).GetProperty("running").GetBoolean());

        // All of an agent's together.
        JsonElement together = await _client.Tool("getResourceUsage", null, token);
        Assert.True(together.GetProperty("running").GetBoolean());
        Assert.Equal(200 << 20, together.GetProperty("memoryLimit").GetInt64());
        Assert.True(together.GetProperty("pids").GetInt64() >= 1);
        await _client.Tool("removeContainer", new { container = id, force = true }, token);
    }

    [Fact]
    public async Task Killed_at_any_moment_of_a_change_the_kernel_has_what_the_next_daemon_says()
    {
        await using DaemonProcess daemon = await DaemonProcess.StartAsync();
        Container container = await daemon.Client.Run();
        Random random = new(7);
        for (int round = 0; round < 4; round++)
        {
            QuiltService.QuiltServiceClient client = daemon.Client;
            Task changing = Task.Run(async () =>
            {
                for (int i = 0; ; i++)
                {
                    await client.Tool("setResourceLimits", new { container = container.Id, memory = $"{64 + (i % 2 * 64)}MiB", pids = 100 + (i % 2), cpus = 0.5 + (i % 2 * 0.25), files = 200 + (i % 2) });
                }
            });
            await Task.WhenAny(changing, Task.Delay(random.Next(20, 200), Cancellation));
            await daemon.KillAsync();
            await Assert.ThrowsAnyAsync<Exception>(() => changing);
            await daemon.RunAsync();
            JsonElement limits = (await daemon.Client.Tool("getContainerStatus", new { container = container.Id })).GetProperty("limits");
            Assert.Equal(limits.GetProperty("memory").GetRawText(), Kernel(container, "memory", "memory.limit_in_bytes", "memory.max"));
            Assert.Equal(limits.GetProperty("pids").GetRawText(), Kernel(container, "pids", "pids.max", "pids.max"));
            Assert.Equal(limits.GetProperty("cpus").GetDouble(), Cpus(container), CpuPlaces);
        }

        await daemon.Client.Remove(container.Id);
    }

    [Fact]
    public async Task Those_who_change_the_same_container_at_once_change_it_one_after_another()
    {
        Container container = await _client.Run();
        await Task.WhenAll(Enumerable.Range(0, 20).Select(i => _client.Tool("setResourceLimits", i % 2 == 0 ? new { container = container.Id, pids = (int?)(100 + i), cpus = (double?)null } : new { container = container.Id, pids = (int?)null, cpus = (double?)(0.1 * i) })));
        JsonElement limits = await Limits(container);
        Assert.Equal(limits.GetProperty("pids").GetRawText(), Kernel(container, "pids", "pids.max", "pids.max"));
        Assert.Equal(limits.GetProperty("cpus").GetDouble(), Cpus(container), CpuPlaces);
        await _client.Remove(container.Id);
    }

    private async Task<JsonElement> Limits(Container container) => (await _client.Tool("getContainerStatus", new { container = container.Id })).GetProperty("limits");

    private static string With(string json, string name, string value) => $"{{\"{name}\":\"{value}\",{json[1..]}";

    private static bool MayGiveMoreFiles
    {
        get
        {
            string held = File.ReadLines("/proc/self/status").Single(l => l.StartsWith("CapEff:", StringComparison.Ordinal))["CapEff:".Length..].Trim();
            return (ulong.Parse(held, NumberStyles.HexNumber, CultureInfo.InvariantCulture) & (1UL << Capabilities.NumberOf("CAP_SYS_RESOURCE"))) != 0;
        }
    }

    private static bool Unified => CgroupHost.OfThisMachine().Mode == CgroupMode.V2;

    /// <summary>What a running container's group has in a file, by the name that v1 or v2 gives it.</summary>
    /// <summary>Processors that the kernel gives it; 0: as many as there are.</summary>
    private static double Cpus(Container container) => Quota(container) is { Quota: not ("-1" or "max") } limit
        ? double.Parse(limit.Quota, CultureInfo.InvariantCulture) / double.Parse(limit.Period, CultureInfo.InvariantCulture)
        : 0;

    /// <summary>In microseconds.</summary>
    private static (string Quota, string Period) Quota(Container container) => Unified
        ? Kernel(container, "cpu", "", "cpu.max").Split(' ') is [var most, var each] ? (most, each) : default
        : (Kernel(container, "cpu", "cpu.cfs_quota_us", ""), Kernel(container, "cpu", "cpu.cfs_period_us", ""));

    private static string Kernel(Container container, string controller, string v1, string v2) =>
        File.ReadAllText(Path.Combine(GroupFolder(container, controller), Unified ? v2 : v1)).Trim();
}
