using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Quilt.Api.V1;
using Quilt.Linux;
using Quilt.Testing;
using Xunit;
using static Quilt.Daemon.Tests.TestContainers;

namespace Quilt.Daemon.Tests;

public sealed class LifecycleTests(DaemonFixture fixture)
{
    private readonly QuiltService.QuiltServiceClient _client = fixture.Client;

    [Fact]
    public async Task A_container_is_created_not_started_and_goes_through_its_states()
    {
        Container container = await _client.Create(Shell("echo hello; exit 7"));
        Assert.Equal(ContainerState.Created, container.State);
        Assert.Equal(0, container.Pid);
        Container running = await _client.Start(container.Id);
        Assert.True(running.Pid > 0 || running.State == ContainerState.Exited);
        Container exited = await _client.WaitExited(container.Id);
        Assert.Equal((ContainerState.Exited, 7), (exited.State, exited.ExitCode));
        Assert.Equal("hello\n", await _client.Logs(container.Id));
        await _client.Remove(container.Id, force: false);
        Assert.Equal("not_found", (await Fails(() => _client.Get(container.Id))).Code);
    }

    [Fact]
    public async Task An_exec_right_after_start_works_and_a_container_without_a_command_idles()
    {
        Container container = await _client.Run();
        Assert.Equal((0, "hi\n", ""), await _client.Exec(container.Id, "echo hi"));
        Assert.Equal(ContainerState.Running, (await _client.Get(container.Name)).State);
        StopContainerResponse stopped = await _client.StopContainerAsync(new StopContainerRequest { Container = container.Id }, cancellationToken: Cancellation);
        Assert.False(stopped.Forced);
        Assert.Equal(ContainerState.Exited, stopped.Container.State);
        await _client.Remove(container.Id, force: false);
    }

    [Fact]
    public async Task Loopback_works_and_there_is_no_other_network()
    {
        Container container = await _client.Run(new ContainerSpec { Command = { "httpd", "-f", "-p", "127.0.0.1:8080", "-h", "/etc" } });
        await Eventually(async () => (await _client.Exec(container.Id, "wget -qO- http://127.0.0.1:8080/passwd | grep ^root:")).ExitCode == 0);
        Assert.Equal((0, "lo\n", ""), await _client.Exec(container.Id, "ls /sys/class/net"));
        Assert.Equal((0, "1\n", ""), await _client.Exec(container.Id, "wc -l < /proc/net/route"));
        await _client.Remove(container.Id);
    }

    [Fact]
    public async Task What_is_asked_for_is_what_there_is()
    {
        Container container = await _client.Run(new ContainerSpec
        {
            Name = "as-asked", Hostname = "box", Env = { ["A"] = "1" }, WorkingDir = "/tmp", User = "1000:1000", Labels = { ["team"] = "blue" }, ReadOnlyRootfs = true,
            Resources = new Resources { MemoryBytes = 64 << 20, Cpus = 0.5, Pids = 50 }, Ulimits = { new Ulimit { Name = "nofile", Soft = 100, Hard = 200 } },
            Tmpfs = { new Tmpfs { Path = "/scratch", SizeBytes = 1 << 20 } }, CapDrop = { "ALL" }, CapAdd = { "CHOWN" }, Strategy = "service",
        });
        (_, string text, _) = await _client.Exec(container.Id, "hostname; echo $A; pwd; id -u; ulimit -n; touch /x 2>/dev/null || echo read-only; touch /scratch/x && echo scratch; grep CapBnd /proc/self/status");
        Assert.Equal("box\n1\n/tmp\n1000\n100\nread-only\nscratch\nCapBnd:\t0000000000000001\n", text);
        Assert.Equal(("service", "blue", 64 << 20, 0.5, 50), (container.Strategy, container.Labels["team"], container.Resources.MemoryBytes, container.Resources.Cpus, container.Resources.Pids));
        await _client.Remove("as-asked");
    }

    [Fact]
    public async Task One_that_is_removed_when_it_ends_is_restarted_all_the_same()
    {
        ContainerSpec spec = Shell("exec sleep 1000");
        spec.AutoRemove = true;
        Container container = await _client.Run(spec);
        Assert.Equal(0, (await _client.Exec(container.Id, "echo kept > /file")).ExitCode);
        for (int i = 1; i <= 5; i++)
        {
            Container again = (await _client.RestartContainerAsync(
                new RestartContainerRequest { Container = container.Id, Timeout = Google.Protobuf.WellKnownTypes.Duration.FromTimeSpan(TimeSpan.Zero) }, cancellationToken: Cancellation)).Container;
            Assert.Equal((ContainerState.Running, i), (again.State, again.RestartCount));
            Assert.Equal((0, "kept\n", ""), await _client.Exec(container.Id, "cat /file"));
        }

        await _client.StopContainerAsync(new StopContainerRequest { Container = container.Id, Timeout = Google.Protobuf.WellKnownTypes.Duration.FromTimeSpan(TimeSpan.Zero) }, cancellationToken: Cancellation);
        await Eventually(async () => !(await _client.ListContainersAsync(new ListContainersRequest(), cancellationToken: Cancellation)).Containers.Any(c => c.Id == container.Id));
    }

    [Fact]
    public async Task One_that_is_removed_when_it_ends_goes_though_its_removal_failed_half_way()
    {
        const ulong bind = 4096; // MS_BIND
        ContainerSpec spec = Shell("while [ ! -e /go ]; do sleep 0.02; done");
        spec.AutoRemove = true;
        Container container = await _client.Run(spec);
        string folder = Path.Combine(fixture.Daemon.StateDir, "containers", container.Id);
        Sys.Mount(folder, folder, null, bind); // not to be moved
        try
        {
            Assert.Equal(0, (await _client.Exec(container.Id, "touch /go")).ExitCode);
            await Eventually(async () => (await _client.Get(container.Id)).State == ContainerState.Removing);

            // When this one has failed the first has too.
            await Assert.ThrowsAsync<Grpc.Core.RpcException>(() => _client.Remove(container.Id));
        }
        finally
        {
            Sys.Unmount(folder, lazily: true);
        }

        await Eventually(async () => !(await _client.ListContainersAsync(new ListContainersRequest { All = true }, cancellationToken: Cancellation)).Containers.Any(c => c.Id == container.Id), TimeSpan.FromMinutes(1));
    }

    [Fact]
    public async Task Files_stay_over_a_restart_and_go_with_the_container()
    {
        Container container = await _client.Run(Shell("cat /kept 2>/dev/null; echo was here > /kept; exit 3"));
        await _client.WaitExited(container.Id);
        Container again = await _client.Start(container.Id);
        Assert.Equal(1, again.RestartCount);
        Assert.Equal(3, (await _client.WaitExited(container.Id)).ExitCode);
        Assert.Equal("was here\n", await _client.Logs(container.Id));
        Container restarted = (await _client.RestartContainerAsync(new RestartContainerRequest { Container = container.Id }, cancellationToken: Cancellation)).Container;
        Assert.Equal(2, restarted.RestartCount);
        await _client.WaitExited(container.Id);
        await _client.Remove(container.Id);
    }

    [Fact]
    public async Task A_command_that_ignores_its_stop_signal_is_killed_after_its_time()
    {
        Container container = await _client.Run(Shell("trap '' TERM; echo ready; while :; do sleep 0.01; done"));
        await _client.WaitContainerAsync(new WaitContainerRequest { Container = container.Id, Until = "log", Pattern = "ready" }, cancellationToken: Cancellation);
        StopContainerResponse stopped = await _client.StopContainerAsync(new StopContainerRequest { Container = container.Id, Timeout = Duration.FromTimeSpan(TimeSpan.FromMilliseconds(100)) }, cancellationToken: Cancellation);
        Assert.True(stopped.Forced);
        Assert.Equal((137, 9), (stopped.Container.ExitCode, stopped.Container.ExitSignal));
        await _client.Remove(container.Id);
    }

    [Fact]
    public async Task A_paused_container_stands_still_and_can_still_be_stopped_and_removed()
    {
        Container container = await _client.Run(Shell("trap 'exit 0' TERM; echo ready; while :; do sleep 0.01; done"));
        await Eventually(async () => await _client.Logs(container.Id) == "ready\n");
        Assert.Equal(ContainerState.Paused, (await _client.PauseContainerAsync(new ContainerRequest { Container = container.Id }, cancellationToken: Cancellation)).State);
        Assert.Equal("failed_precondition", (await Fails(() => _client.Exec(container.Id, "true"))).Code);
        Assert.Equal(ContainerState.Running, (await _client.UnpauseContainerAsync(new ContainerRequest { Container = container.Id }, cancellationToken: Cancellation)).State);
        await _client.PauseContainerAsync(new ContainerRequest { Container = container.Id }, cancellationToken: Cancellation);
        StopContainerResponse stopped = await _client.StopContainerAsync(new StopContainerRequest { Container = container.Id }, cancellationToken: Cancellation);
        Assert.Equal((false, 0), (stopped.Forced, stopped.Container.ExitCode));
        await _client.Start(container.Id);
        await _client.PauseContainerAsync(new ContainerRequest { Container = container.Id }, cancellationToken: Cancellation);
        await _client.Remove(container.Id);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_paused_one_whose_group_somebody_took_away_ends_all_the_same(bool removed)
    {
        Container container = await _client.Run();
        await _client.PauseContainerAsync(new ContainerRequest { Container = container.Id }, cancellationToken: Cancellation);
        string group = GroupFolder(container, "freezer"), elsewhere = $"{group}-elsewhere";
        Directory.CreateDirectory(elsewhere);
        foreach (string pid in File.ReadLines($"{group}/cgroup.procs").ToArray())
        {
            File.WriteAllText($"{elsewhere}/cgroup.procs", pid);
        }

        Directory.Delete(group);
        Assert.Equal("aborted", (await Fails(async () => await _client.UnpauseContainerAsync(new ContainerRequest { Container = container.Id }, cancellationToken: Cancellation))).Code);
        if (!removed)
        {
            await _client.KillContainerAsync(new KillContainerRequest { Container = container.Id, Signal = "KILL" }, cancellationToken: Cancellation);
            Assert.Equal(137, (await _client.WaitExited(container.Id)).ExitCode);
        }

        await _client.Remove(container.Id);
        await Eventually(() => Task.FromResult(File.ReadAllText($"{elsewhere}/cgroup.procs").Length == 0));
        Directory.Delete(elsewhere);
    }

    [Fact]
    public async Task One_that_is_to_go_by_itself_goes_at_its_exit_or_at_its_time()
    {
        ContainerSpec ephemeral = Shell("exit 2"), brief = new();
        ephemeral.Strategy = "ephemeral";
        brief.Ttl = Duration.FromTimeSpan(TimeSpan.FromMilliseconds(300));
        Container first = await _client.Create(ephemeral), second = await _client.Run(brief);
        Task<Container> exit = _client.WaitExited(first.Id);
        await _client.Start(first.Id);
        Assert.Equal(2, (await exit).ExitCode);
        await Eventually(async () => (await _client.ListContainersAsync(new ListContainersRequest { All = true }, cancellationToken: Cancellation)).Containers.All(c => c.Id != first.Id && c.Id != second.Id));
    }

    [Fact]
    public async Task Lists_are_filtered_and_paged()
    {
        Container[] made = await Task.WhenAll(Enumerable.Range(0, 5).Select(n => _client.Create(new ContainerSpec { Name = $"page-{n}", Labels = { ["page"] = "yes" } })));
        ListContainersRequest request = new() { All = true, Labels = { ["page"] = "" }, Limit = 2 };
        List<string> names = [];
        do
        {
            ListContainersResponse page = await _client.ListContainersAsync(request, cancellationToken: Cancellation);
            names.AddRange(page.Containers.Select(c => c.Name));
            request.Cursor = page.NextCursor;
        }
        while (request.Cursor.Length > 0);
        Assert.Equal(made.Select(c => c.Name).Order(), names.Order());
        Assert.Empty((await _client.ListContainersAsync(new ListContainersRequest { Labels = { ["page"] = "" } }, cancellationToken: Cancellation)).Containers);
        Assert.Equal("page-3", Assert.Single((await _client.ListContainersAsync(new ListContainersRequest { All = true, Name = "page-3" }, cancellationToken: Cancellation)).Containers).Name);
        await Task.WhenAll(made.Select(c => _client.Remove(c.Id)));
    }

    [Fact]
    public async Task Events_tell_a_containers_life_in_order_and_can_be_resumed()
    {
        Container container = await _client.Run(Shell("exit 5"));
        await _client.WaitExited(container.Id);
        await _client.Remove(container.Id);
        List<Event> events = await _client.GetEvents(new GetEventsRequest { Container = container.Id }, cancellationToken: Cancellation).ResponseStream.ReadAllAsync(Cancellation).ToListAsync(Cancellation);
        Assert.Equal(["container.created", "container.started", "container.exited", "container.removed"], events.Select(e => e.Type));
        Assert.Equal("5", events[2].Attributes["exitCode"]);
        Event resumed = await _client.GetEvents(new GetEventsRequest { Container = container.Id, SinceCursor = events[1].Cursor, Follow = true }, cancellationToken: Cancellation).ResponseStream.ReadAllAsync(Cancellation).FirstAsync(Cancellation);
        Assert.Equal(events[2].Cursor, resumed.Cursor);
    }

    [Fact]
    public async Task Usage_is_told_for_what_runs()
    {
        Container container = await _client.Run(Shell("while :; do :; done"));
        GetStatsResponse stats = await _client.GetStats(new GetStatsRequest { Containers = { container.Id } }, cancellationToken: Cancellation).ResponseStream.ReadAllAsync(Cancellation).FirstAsync(Cancellation);
        ContainerStats one = Assert.Single(stats.Stats);
        Assert.True(one is { CpuPercent: > 0, MemoryBytes: > 0, Pids: > 0 } && one.MemoryLimitBytes == 1UL << 30, one.ToString());
        await _client.Remove(container.Id);
    }

    [Fact]
    public async Task Two_who_do_the_same_at_once_do_it_once()
    {
        Container container = await _client.Create(Shell("sleep 1000"));
        string[] starts = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Outcome(() => _client.Start(container.Id))));
        Assert.Equal(1, starts.Count(o => o == "ok"));
        Assert.All(starts.Where(o => o != "ok"), o => Assert.Equal("failed_precondition", o));
        string[] removals = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Outcome(() => _client.Remove(container.Id))));
        Assert.Equal(1, removals.Count(o => o == "ok"));
        Assert.All(removals.Where(o => o != "ok"), o => Assert.Equal("not_found", o));
    }

    [Fact]
    public async Task Many_containers_at_once_leave_nothing()
    {
        await Task.WhenAll(Enumerable.Range(0, 40).Select(async n =>
        {
            Container container = await _client.Run(Shell($"echo {n}; exit {n}"));
            Assert.Equal(n, (await _client.WaitExited(container.Id)).ExitCode);
            Assert.Equal($"{n}\n", await _client.Logs(container.Id));
            await _client.Remove(container.Id);
            Assert.False(Directory.Exists(Path.Combine(fixture.Daemon.StateDir, "containers", container.Id)));
        }));
    }

    private static async Task<string> Outcome(Func<Task> call)
    {
        try
        {
            await call();
            return "ok";
        }
        catch (RpcException e)
        {
            return e.GetRpcStatus()!.GetDetail<ErrorDetail>().Code;
        }
    }
}
